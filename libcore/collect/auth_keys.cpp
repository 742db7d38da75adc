#include "collect/auth_keys.hpp"

#include <fmt/core.h>
#include <openssl/crypto.h>

#include "base/error.hpp"

namespace hepcap::collect {

AuthKeys::AuthKeys(std::string_view lines, std::string_view file_name) {
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        std::string_view line = lines.substr(0, end);
        lines.remove_prefix(end == lines.npos ? lines.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) keys_.emplace_back(line);
    }
    if (keys_.empty())
        throw Error(fmt::format("there is no key in the key file '{}'", file_name), ExitCode::usage);
}

bool AuthKeys::accept(std::string_view key) const {
    bool is_one = false;
    for (const std::string& known : keys_) {
        // The length may show; it is no secret to who sees how long an answer takes.
        is_one |= known.size() == key.size() && CRYPTO_memcmp(known.data(), key.data(), key.size()) == 0;
    }
    return is_one;
}

}  // namespace hepcap::collect
