// Shell completions, made from the options themselves so that they cannot drift: each tool prints its
// own with the hidden --completion=bash|zsh|fish, the result is committed, and a test compares.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace hepcap::cli {

// `shell` is bash, zsh or fish.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace hepcap::cli
