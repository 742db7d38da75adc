// From a filter expression to its program: the grammar, and the rules which value may stand beside
// which key.  All errors of an expression are found here, none is left to matching.
#pragma once

#include <memory>
#include <string_view>

#include "select/filter_program.hpp"

namespace hepcap::select {

// Throws Error (usage) with one sentence.
std::shared_ptr<const FilterProgram> parse_filter(std::string_view expression);

}  // namespace hepcap::select
