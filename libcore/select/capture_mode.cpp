#include "select/capture_mode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "base/nearest.hpp"

namespace hepcap::select {
namespace {

constexpr std::array<std::string_view, 4> parameter_names{"db_url", "table_name", "mt_mode", "hash_source"};
constexpr std::string_view white_space = " \t\r\n";

bool is_white_space(char c) { return white_space.find(c) != std::string_view::npos; }

class Definition {
public:
    explicit Definition(std::string_view text) : text_(text) {}

    CaptureMode parse() {
        parse_name();
        do {
            skip_white_space();
            if (at_end()) break;  // the semicolon at the end
            parse_parameter();
            skip_white_space();
        } while (take(';'));
        if (!at_end())
            refuse(
                "found something behind a value, expected ';' or the end; put a value with blanks or commas "
                "in quotes");

        CaptureMode mode;
        mode.name = name_;
        mode.db_url = needed(0);
        mode.tables = needed(1);
        mode.mode =
            parse_multi_table_mode(needed(2), fmt::format("capture mode {}: mt_mode", excerpt(name_)));
        if (values_[3]) {
            mode.hash_source =
                parse_hash_source(*values_[3], fmt::format("capture mode {}: hash_source", excerpt(name_)));
        }
        // A list that cannot be used is an error now and not with the first record.
        const TableSelector tried(mode.tables);
        return mode;
    }

private:
    bool at_end() const { return position_ == text_.size(); }
    bool take(char c) {
        if (at_end() || text_[position_] != c) return false;
        ++position_;
        return true;
    }
    void skip_white_space() {
        while (!at_end() && is_white_space(text_[position_])) ++position_;
    }

    [[noreturn]] void refuse(std::string_view sentence) const {
        throw Error(
            fmt::format("capture mode {}, at character {}: {}", excerpt(name_), position_ + 1, sentence),
            ExitCode::usage);
    }

    void parse_name() {
        skip_white_space();
        const std::size_t begin = position_;
        while (!at_end() && !is_white_space(text_[position_]) && text_[position_] != '=') ++position_;
        name_ = text_.substr(begin, position_ - begin);
        skip_white_space();
        if (name_.empty() || !take('=') || !take('>')) {
            // The URL itself may stand where the name should.
            name_ = {};
            throw Error(
                fmt::format(
                    "capture mode, at character {}: expected NAME=>db_url=...;table_name=...;mt_mode=...",
                    position_ + 1),
                ExitCode::usage);
        }
        skip_white_space();
        if (at_end()) refuse("no parameters behind =>; it needs db_url, table_name and mt_mode");
    }

    void parse_parameter() {
        const std::size_t begin = position_;
        while (!at_end() && !is_white_space(text_[position_]) && text_[position_] != '=' &&
               text_[position_] != ';') {
            ++position_;
        }
        const std::string_view key = text_.substr(begin, position_ - begin);
        skip_white_space();
        const auto* const known = std::ranges::find(parameter_names, key);
        if (known == parameter_names.end()) {
            position_ = begin;
            refuse_parameter(key);
        }
        if (!take('=')) refuse(fmt::format("expected '=' after {}", key));
        skip_white_space();
        std::optional<std::string_view>& value =
            values_[static_cast<std::size_t>(known - parameter_names.begin())];
        if (value) {
            position_ = begin;
            refuse(fmt::format("{} is given twice", key));
        }
        value = parse_value(key);
    }

    [[noreturn]] void refuse_parameter(std::string_view key) const {
        const std::string_view near = nearest(key, parameter_names);
        if (!near.empty()) refuse(fmt::format("no parameter {}; did you mean '{}'?", excerpt(key), near));
        refuse(
            "this begins none of the parameters db_url, table_name, mt_mode, hash_source; put a value with ; "
            "in quotes");
    }

    std::string_view parse_value(std::string_view key) {
        const std::size_t begin = position_;
        if (take('"') || take('\'')) {
            const std::size_t closing = text_.find(text_[begin], position_);
            if (closing == std::string_view::npos)
                refuse(fmt::format("the value of {} has no closing quote", key));
            const std::string_view value = text_.substr(position_, closing - position_);
            position_ = closing + 1;
            return value;
        }
        while (!at_end() && !is_white_space(text_[position_]) && text_[position_] != ',' &&
               text_[position_] != ';') {
            ++position_;
        }
        return text_.substr(begin, position_ - begin);
    }

    std::string_view needed(std::size_t parameter) const {
        if (values_[parameter] && !values_[parameter]->empty()) return *values_[parameter];
        throw Error(fmt::format("capture mode {}: {} is not set; it needs db_url, table_name and mt_mode",
                                excerpt(name_), parameter_names[parameter]),
                    ExitCode::usage);
    }

    std::string_view text_;
    std::size_t position_ = 0;
    std::string_view name_;
    std::array<std::optional<std::string_view>, parameter_names.size()> values_;
};

}  // namespace

CaptureMode parse_capture_mode(std::string_view definition) { return Definition(definition).parse(); }

const CaptureMode& find_capture_mode(std::span<const CaptureMode> modes, std::string_view name) {
    const auto found =
        std::find_if(modes.rbegin(), modes.rend(), [&](const CaptureMode& m) { return m.name == name; });
    if (found != modes.rend()) return *found;
    std::vector<std::string_view> names;
    for (const CaptureMode& mode : modes) names.push_back(mode.name);
    if (names.empty()) {
        throw Error(
            fmt::format("no capture mode {}: none is defined; define it with --capture-mode", excerpt(name)),
            ExitCode::usage);
    }
    throw Error(fmt::format("no capture mode {}{}", excerpt(name), did_you_mean(name, names)),
                ExitCode::usage);
}

}  // namespace hepcap::select
