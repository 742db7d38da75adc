// What CLI11 finds wrong with an option, in our own words: the thing, the cause, the way out.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace hepcap::cli {

// One sentence, which begins with the option where the error is about one.
std::string sentence_of(const CLI::Error& error);

}  // namespace hepcap::cli
