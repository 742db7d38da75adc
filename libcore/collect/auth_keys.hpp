// The authentication keys (chunk 0x000e) that are accepted.  A HEP key is a password in clear text; what
// can be kept from somebody who guesses is how much of a guess was right, so each comparison takes the
// same time whatever it finds, and all keys are compared always.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hepcap::collect {

class AuthKeys {
public:
    // No keys: nothing is demanded.
    AuthKeys() = default;
    // One key a line, empty lines left out, so that an old and a new one can be valid at the same time.
    // Throws Error (usage) where there is none.
    AuthKeys(std::string_view lines, std::string_view file_name);

    bool are_demanded() const { return !keys_.empty(); }
    bool accept(std::string_view key) const;

private:
    std::vector<std::string> keys_;
};

}  // namespace hepcap::collect
