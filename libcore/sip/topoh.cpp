#include "sip/topoh.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "sip/parameters.hpp"

namespace hepcap::sip {

namespace {

// CRC-16 as X.25 has it: reflected polynomial 0x8408, initial value and final inversion all ones.
std::uint16_t crc16_x25(std::string_view text) {
    unsigned crc = 0xffff;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x8408 : crc >> 1;
    }
    return static_cast<std::uint16_t>(~crc);
}

// MD5 of the key twice, as four little-endian numbers: the module looks at the digest through an
// integer pointer on the machines that run it.
std::array<std::uint32_t, 4> key_digest(std::string_view key) {
    const std::string twice = std::string(key) + std::string(key);
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(twice.data(), twice.size(), digest.data(), &size, EVP_md5(), nullptr) != 1 || size != 16) {
        throw Error("cannot compute MD5 for the topoh key: the TLS library of this system forbids it");
    }
    return {load_u32_le(&digest[0]), load_u32_le(&digest[4]), load_u32_le(&digest[8]),
            load_u32_le(&digest[12])};
}

}  // namespace

Topoh::Topoh(std::string_view key, std::string_view call_id_prefix) : call_id_prefix_(call_id_prefix) {
    if (key.empty())
        throw Error("the topoh key is empty; put the mask_key of the masking server into the file",
                    ExitCode::usage);
    std::iota(alphabet_.begin(), alphabet_.begin() + 26, 'A');
    std::iota(alphabet_.begin() + 26, alphabet_.begin() + 52, 'a');
    std::iota(alphabet_.begin() + 52, alphabet_.begin() + 62, '0');
    alphabet_[62] = '.';
    alphabet_[63] = '-';

    const auto digest = key_digest(key);
    const std::size_t crc = crc16_x25(key);
    for (std::size_t last = alphabet_.size(); last >= 2; --last) {
        const std::size_t sum = crc + last + key.size();
        // Octets above 127 count as negative, as plain char does on x86.
        // NOLINTNEXTLINE(bugprone-signed-char-misuse)
        const auto octet = static_cast<std::uint32_t>(static_cast<std::int8_t>(key[sum % key.size()]));
        const std::uint32_t pick = (digest[sum % 4] + octet) % static_cast<std::uint32_t>(last);
        std::swap(alphabet_[pick], alphabet_[last - 1]);
    }
    value_of_.fill(-1);
    for (std::size_t i = 0; i < alphabet_.size(); ++i) {
        value_of_[static_cast<unsigned char>(alphabet_[i])] = static_cast<std::int8_t>(i);
    }
}

std::optional<std::string_view> Topoh::unmask(std::string_view masked, std::string_view prefix,
                                              std::string& buffer) const {
    if (masked.size() <= prefix.size() || !masked.starts_with(prefix)) return std::nullopt;
    masked.remove_prefix(prefix.size());
    // Each trailing padding character takes one octet from the length that the whole text would give.
    const std::size_t whole = masked.size() * 6 / 8;
    std::size_t padding = 0;
    while (!masked.empty() && masked.back() == '*') {
        masked.remove_suffix(1);
        ++padding;
    }
    if (whole <= padding) return std::nullopt;
    const std::size_t length = whole - padding;

    buffer.clear();
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    for (const char c : masked) {
        // NOLINTNEXTLINE(bugprone-signed-char-misuse): a number from -1 to 63
        const int value = value_of_[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            buffer.push_back(static_cast<char>(bits >> bit_count & 0xff));
        }
    }
    if (buffer.size() > length) buffer.resize(length);
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (buffer.empty() || std::any_of(buffer.begin(), buffer.end(), is_control)) return std::nullopt;
    return std::string_view{buffer};
}

std::optional<std::string_view> Topoh::unmask_call_id(std::string_view call_id, std::string& buffer) const {
    return unmask(call_id, call_id_prefix_, buffer);
}

std::optional<std::string_view> Topoh::unmask_uri_parameters(std::string_view parameters,
                                                             std::string& buffer) const {
    return unmask(find_parameter(parameters, uri_parameter), uri_prefix, buffer);
}

std::optional<std::string_view> Topoh::unmask_branch(std::string_view branch, std::string& buffer) const {
    if (!unmask(branch, branch_prefix, buffer)) return std::nullopt;
    // Before the module hides a Via it notes in it which way the message went; its sender never wrote that.
    if (const std::size_t at = buffer.find(via_cookie); at != std::string::npos)
        buffer.erase(at, buffer.find_first_of(";,", at + 1) - at);
    return std::string_view{buffer};
}

}  // namespace hepcap::sip
