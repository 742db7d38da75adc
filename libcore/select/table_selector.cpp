#include "select/table_selector.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "base/nearest.hpp"

namespace hepcap::select {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 3> mode_names{"rand", "round_robin", "hash"};
constexpr std::array<std::string_view, 3> source_names{"call_id", "from_user", "to_user"};

[[noreturn]] void refuse_name(std::string_view text, std::string_view setting,
                              std::span<const std::string_view> allowed) {
    const std::string near = did_you_mean(text, allowed);
    throw Error(fmt::format("{}: {} is none of {}, {}, {}{}", setting, excerpt(text), allowed[0], allowed[1],
                            allowed[2], near),
                ExitCode::usage);
}

bool equals_in_any_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
    }
    return true;
}

constexpr std::string_view white_space = " \t\r\n";

std::string_view first_word(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(white_space);
    if (begin == std::string_view::npos) return {};
    text.remove_prefix(begin);
    return text.substr(0, text.find_first_of(white_space));
}

std::uint32_t crc32_of(std::string_view text) {
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

// The finalizer of splitmix64: every bit of the uid reaches the low ones that the modulo looks at.
std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return x ^ x >> 31;
}

// A uid that is no number of 16 hexadecimal digits was made by others: its CRC32 serves as well.
std::uint64_t number_of(std::string_view uid) {
    std::uint64_t number = 0;
    const char* const end = uid.data() + uid.size();
    const auto [stop, error] = std::from_chars(uid.data(), end, number, 16);
    return error == std::errc{} && stop == end ? number : crc32_of(uid);
}

// One element a call, with the blanks and at most one bar behind it; `list` is what remains.
std::string_view take_element(std::string_view& list, bool& bar_follows) {
    const std::size_t length = std::min(list.find_first_of("| \t"), list.size());
    const std::string_view element = list.substr(0, length);
    list.remove_prefix(length);
    bar_follows = false;
    while (!list.empty() &&
           (list.front() == ' ' || list.front() == '\t' || (list.front() == '|' && !bar_follows))) {
        bar_follows = bar_follows || list.front() == '|';
        list.remove_prefix(1);
    }
    return element;
}

}  // namespace

std::string_view name(MultiTableMode mode) { return mode_names[static_cast<std::size_t>(mode)]; }
std::string_view name(HashSource source) { return source_names[static_cast<std::size_t>(source)]; }

MultiTableMode parse_multi_table_mode(std::string_view text, std::string_view setting) {
    for (std::size_t i = 0; i < mode_names.size(); ++i) {
        if (text == mode_names[i]) return static_cast<MultiTableMode>(i);
    }
    refuse_name(text, setting, mode_names);
}

HashSource parse_hash_source(std::string_view text, std::string_view setting) {
    for (std::size_t i = 0; i < source_names.size(); ++i) {
        if (equals_in_any_case(text, source_names[i])) return static_cast<HashSource>(i);
    }
    refuse_name(text, setting, source_names);
}

std::uint32_t table_hash(const record::Record& record, HashSource source) {
    std::string_view text;
    if (source == HashSource::from_user) text = record.from_user;
    if (source == HashSource::to_user) text = record.to_user;
    if (text.empty()) text = first_word(record.callid);
    return crc32_of(text);  // 0 of nothing: the first table
}

TableSelector::TableSelector(std::string_view list, MultiTableMode mode, HashSource source)
    : mode_(mode), source_(source) {
    const std::string_view whole = list;
    list.remove_prefix(std::min(list.find_first_not_of(" \t"), list.size()));
    bool bar_follows = true;
    while (bar_follows || !list.empty()) {
        const std::string_view element = take_element(list, bar_follows);
        if (element.empty()) {
            throw Error(whole.empty()
                            ? std::string("the list of tables is empty; name a table, or several joined by |")
                            : fmt::format("table list {}: element {} is empty; name a table between the bars",
                                          excerpt(whole), tables_.size() + 1),
                        ExitCode::usage);
        }
        tables_.emplace_back(element);
    }
    names_.reserve(tables_.size());
}

std::size_t TableSelector::index_for(const record::Record& record) {
    if (tables_.size() == 1) return 0;
    switch (mode_) {
        case MultiTableMode::rand:
            return record.uid.empty() ? 0 : mixed(number_of(record.uid)) % tables_.size();
        case MultiTableMode::hash: return table_hash(record, source_) % tables_.size();
        case MultiTableMode::round_robin: {
            const std::size_t index = turn_;
            turn_ = turn_ + 1 == tables_.size() ? 0 : turn_ + 1;
            return index;
        }
    }
    return 0;
}

Result<TableChoice, TableCause> TableSelector::table_for(const record::Record& record) {
    TableName& table = tables_[index_for(record)];
    const auto expanded = table.expand(record);
    if (!expanded) return Unexpected{expanded.error()};
    return TableChoice{*expanded, table.follows_time()};
}

std::span<const std::string_view> TableSelector::tables_for(const record::Record& record) {
    names_.clear();
    for (TableName& table : tables_) {
        if (const auto expanded = table.expand(record)) names_.push_back(*expanded);
    }
    return names_;
}

}  // namespace hepcap::select
