#include "cli/version.hpp"

#include <fmt/core.h>

#include "base/version.hpp"

namespace hepcap::cli {

std::string version_text(const std::string& program) {
    return fmt::format("{} {}\n{}", program, version, libraries);
}

}  // namespace hepcap::cli
