// --help as the house prints it: purpose, examples, usage, options in groups with their defaults, the
// page's name; 80 columns.
#pragma once

#include "cli/app.hpp"

namespace hepcap::cli {

void use_help_of_house(CLI::App& app, const Program& program);

}  // namespace hepcap::cli
