// The elements of a JSON array of texts, one after the other, for the record's short lists (encap,
// codecs, parse).  It takes the array as Json promises it, well formed; of any other octets it makes
// some elements or none, but never reads beyond them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hepcap::record {

class JsonElements {
public:
    explicit JsonElements(std::string_view array) : rest_(array) { skip_to_element(); }

    // The text of the next element without quotes and escapes; of an element that is no text, its JSON.
    // Points into the array, or into this object and then only until the next call.
    std::optional<std::string_view> next();

private:
    void skip_to_element();
    std::string_view unescape(std::string_view raw);

    std::string_view rest_;
    std::array<char, 256> small_{};
    std::string large_;  // for an element with escapes that does not fit `small_`
};

}  // namespace hepcap::record
