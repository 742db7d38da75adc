// Laws of reading records: the same lines are records whatever size the reads have, and whether they are
// taken on the fast way or, for the blank before them, on the thorough one; a line that is taken
// is well-formed JSON for another parser as well, and one that is refused as ill-formed is not; what is
// refused has a cause and a sentence.
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "record/fields.hpp"
#include "record/ndjson_reader.hpp"

using namespace hepcap::record;

namespace {

// All that can be seen of a record, or of a refusal, as text.
std::string appearance(const Record& record) {
    std::string text;
    const auto add = [&](std::string_view name, std::string_view value) {
        text.append(name).append("=").append(value).append("\n");
    };
    for (const FieldRef& field : field_refs) {
        if (const auto* const t = std::get_if<Text Record::*>(&field.member)) add(field.name, record.**t);
        if (const auto* const j = std::get_if<Json Record::*>(&field.member))
            add(field.name, (record.**j).text);
        if (const auto* const i = std::get_if<Integer Record::*>(&field.member)) {
            add(field.name, std::to_string((record.**i).value));
        }
        if (const auto* const b = std::get_if<Boolean Record::*>(&field.member)) {
            add(field.name, std::to_string((record.**b).value));
        }
    }
    add("extra", record.extra.text);
    return text;
}

enum class Opinion { json, other, none };

// What nlohmann's parser says.  It ends at a NUL, passes over a byte order mark on any line, and to it a
// number beyond a double is an error of its own.
Opinion ask_other_parser(std::string_view line) {
    if (line.find('\0') != std::string_view::npos || line.starts_with("\xEF\xBB\xBF")) return Opinion::none;
    try {
        [[maybe_unused]] const nlohmann::json value = nlohmann::json::parse(line);
        return Opinion::json;
    } catch (const nlohmann::json::parse_error&) {
        return Opinion::other;
    } catch (const nlohmann::json::out_of_range&) {
        return Opinion::none;
    }
}

std::vector<std::string> read_all(std::string_view input, std::size_t step) {
    NdjsonReader reader(LineReader([&](char* to, std::size_t size) {
        const std::size_t count = std::min({step, size, input.size()});
        std::copy_n(input.begin(), count, to);
        input.remove_prefix(count);
        return count;
    }));
    std::vector<std::string> seen;
    Record record;
    while (true) {
        const auto got = reader.next(record);
        if (!got) {
            const BadLine& bad = got.error();
            if (name(bad.fault).empty()) std::abort();
            if (bad.fault == LineFault::bad_json && ask_other_parser(bad.text) == Opinion::json) std::abort();
            seen.push_back(describe(bad));
        } else if (*got) {
            if (record.kind.empty() || ask_other_parser(reader.line()) == Opinion::other) std::abort();
            seen.push_back(appearance(record));
        } else {
            return seen;
        }
    }
}

// The same lines with a blank before each, which is none of their business but closes the fast way.
std::string with_blanks(std::string_view input) {
    std::string text = " ";
    for (const char c : input) {
        text += c;
        if (c == '\n') text += ' ';
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::vector<std::string> seen = read_all(input, input.size() + 1);
    if (seen != read_all(input, 7)) std::abort();
    // A byte order mark counts only as the first of all.
    if (!input.starts_with("\xEF\xBB\xBF") && seen != read_all(with_blanks(input), input.size() + 1))
        std::abort();
    return 0;
}
