#include "base/error.hpp"

#include <system_error>

namespace hepcap {

std::string errno_text(int number) { return std::generic_category().message(number); }

}  // namespace hepcap
