// Takes off the masks of Kamailio's topoh module: Call-IDs, URIs and Via branches that a proxy hid
// behind base64 with an alphabet shuffled by a shared key.
//
//   masked = prefix + base64(plain, alphabet of the key), padding '*'
//
// A text that does not carry the prefix, or is not decodable, is left as it is.  So is one that
// decodes to octets which no header field may hold: then the key is another one, and noise in place of
// a Call-ID would help nobody (the module itself does not look).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace hepcap::sip {

class Topoh {
public:
    static constexpr std::string_view default_call_id_prefix = "!!:";
    static constexpr std::string_view uri_parameter = "line";
    static constexpr std::string_view uri_prefix = "sr-";
    static constexpr std::string_view branch_prefix = "z9hG4bKsr-";
    static constexpr std::string_view via_cookie = ";TH=";

    // `key` is the module's mask_key and must not be empty (throws Error).
    Topoh(std::string_view key, std::string_view call_id_prefix);

    // The plain text of a masked Call-ID, in `buffer`, or nothing if it is not masked.
    std::optional<std::string_view> unmask_call_id(std::string_view call_id, std::string& buffer) const;

    // Whether it looks masked, decodable or not.
    bool is_masked(std::string_view call_id) const {
        return !call_id_prefix_.empty() && call_id.size() > call_id_prefix_.size() &&
               call_id.starts_with(call_id_prefix_);
    }

    // sip:127.0.0.8;line=sr-… -> the URI that was hidden.
    std::optional<std::string_view> unmask_uri_parameters(std::string_view parameters,
                                                          std::string& buffer) const;

    // SIP/2.0/UDP 127.0.0.8;branch=z9hG4bKsr-… -> the Via value that was hidden, without the module's own
    // parameter TH=….
    std::optional<std::string_view> unmask_branch(std::string_view branch, std::string& buffer) const;

    std::string_view alphabet() const { return {alphabet_.data(), alphabet_.size()}; }

private:
    std::optional<std::string_view> unmask(std::string_view masked, std::string_view prefix,
                                           std::string& buffer) const;

    std::array<char, 64> alphabet_{};
    std::array<std::int8_t, 256> value_of_{};  // -1: not of the alphabet
    std::string call_id_prefix_;
};

}  // namespace hepcap::sip
