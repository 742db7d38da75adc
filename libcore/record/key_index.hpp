// From a key as it stands in a line to its field: the table of keys made into what the line parser
// looks things up with, all of it by the compiler.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "record/fields.hpp"

namespace hepcap::record {

inline constexpr std::size_t no_field = field_count;

// Key -> index into field_refs, no_field for a key that is none.
class KeyIndex {
public:
    constexpr KeyIndex() {
        slots_.fill(std::uint8_t{no_field});
        for (std::size_t i = 0; i < field_count; ++i) {
            std::size_t at = slot_of(field_refs[i].name);
            while (slots_[at] != no_field) at = (at + 1) % slots_.size();
            slots_[at] = static_cast<std::uint8_t>(i);
        }
    }

    constexpr std::size_t find(std::string_view key) const {
        if (key.empty()) return no_field;
        for (std::size_t at = slot_of(key);; at = (at + 1) % slots_.size()) {
            const std::size_t i = slots_[at];
            if (i == no_field || field_refs[i].name == key) return i;
        }
    }

private:
    static_assert(field_count < 128);

    static constexpr std::size_t slot_of(std::string_view key) {
        const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(key[i]); };
        const std::size_t sum = key.size() * 7 + octet(0) * 31u + octet(key.size() / 2) * 101u +
                                octet(key.size() - 1) * 193u + octet(key.size() * 3 / 4) * 59u;
        return sum % 256;
    }

    std::array<std::uint8_t, 256> slots_{};
};

inline constexpr KeyIndex key_index;
static_assert(key_index.find("msg") < field_count && key_index.find("no_such_key") == no_field);

// A key and the quote behind it, to be compared with a line in two words.
class KeyWords {
public:
    constexpr KeyWords() = default;
    explicit constexpr KeyWords(std::string_view key) : size_(key.size()) {
        for (std::size_t i = 0; i < key.size(); ++i) {
            words_[i / 8] |= word(static_cast<unsigned char>(key[i]), i);
            masks_[i / 8] |= word(0xFF, i);
        }
    }

    // Reads 17 octets, which the slack behind every line allows.
    bool matches(const char* text) const {
        std::array<std::uint64_t, 2> seen;
        std::memcpy(seen.data(), text, sizeof seen);
        const std::uint64_t difference =
            ((seen[0] ^ words_[0]) & masks_[0]) | ((seen[1] ^ words_[1]) & masks_[1]);
        return difference == 0 && text[size_] == '"';
    }

private:
    static constexpr std::uint64_t word(std::uint64_t octet, std::size_t at) {
        const std::size_t place = std::endian::native == std::endian::little ? at % 8 : 7 - at % 8;
        return octet << 8 * place;
    }

    std::array<std::uint64_t, 2> words_{};
    std::array<std::uint64_t, 2> masks_{};
    std::size_t size_ = 0;
};

constexpr std::array<KeyWords, field_count> make_key_words() {
    std::array<KeyWords, field_count> words;
    std::ranges::transform(field_refs, words.begin(), [](const FieldRef& f) { return KeyWords(f.name); });
    return words;
}

static_assert(std::ranges::all_of(field_refs, [](const FieldRef& f) { return f.name.size() <= 16; }));
inline constexpr std::array<KeyWords, field_count> key_words = make_key_words();

// The text that "callid_b64" stands for, or null where the key is no such.
inline Text Record::*text_of_base64_key(std::string_view key) {
    constexpr std::string_view suffix = "_b64";
    if (!key.ends_with(suffix)) return nullptr;
    const std::size_t field = key_index.find(key.substr(0, key.size() - suffix.size()));
    if (field == no_field) return nullptr;
    const auto* const text = std::get_if<Text Record::*>(&field_refs[field].member);
    return text != nullptr ? *text : nullptr;
}

}  // namespace hepcap::record
