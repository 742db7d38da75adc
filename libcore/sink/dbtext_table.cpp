#include "sink/dbtext_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "base/timestamp.hpp"
#include "record/uid.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view uid_column = "uid";
constexpr std::array<std::string_view, 8> key_columns{
    "micro_ts",    "callid",         "correlation_id",   "source_ip",
    "source_port", "destination_ip", "destination_port", "msg",
};

// As in the module's tables: absent is 0 or '', in a table of records NULL.
ColumnRule::Absent absent_form(Layout layout) {
    return layout == Layout::record ? ColumnRule::Absent::null : ColumnRule::Absent::zero;
}

std::uint64_t hash(std::string_view text) { return record::make_uid({}, {}, {}, as_bytes(text)); }

// Only the text is put in order, so that one form is compared: Kamailio writes an int with 32 bits, and a
// double with two decimals.
void append_canonical(std::string& out, DbtextColumn::Type type, std::string_view field) {
    if (type == DbtextColumn::Type::text) {
        out += field;
        return;
    }
    const std::size_t point = std::min(field.find('.'), field.size());
    std::int64_t number = 0;
    std::from_chars(field.data(), field.data() + point, number);
    if (type == DbtextColumn::Type::integer) number = static_cast<std::int32_t>(number);
    out += std::to_string(number);
}

}  // namespace

DbtextTable::DbtextTable(const std::string& directory, std::string name, Layout layout, bool create,
                         std::size_t longest, Log& log)
    : name_(std::move(name)),
      path_(directory + "/" + name_),
      layout_(layout),
      longest_(longest),
      file_(path_, create) {
    bool has_header = false;
    file_.read_on([&](std::string_view line, std::uint64_t number) {
        if (!std::exchange(has_header, true)) {
            take_header(line, log);
        } else {
            take_row(line, number);
        }
    });
    file_.cut_torn_line();
    if (has_header) return;
    if (!create)
        throw Error(fmt::format(
            "table '{}' is empty, without a line of columns; let it be made with --create", path_));
    const std::string header = dbtext_header(layout_);
    file_.append(header);
    file_.commit();
    take_header(std::string_view(header).substr(0, header.size() - 1), log);
}

void DbtextTable::take_header(std::string_view line, Log& log) {
    std::vector<DbtextColumn> found = parse_dbtext_header(line);
    if (found.empty()) {
        throw Error(
            fmt::format("'{}' is no dbtext table: its first line {} does not name columns; name another "
                        "table or directory",
                        path_, excerpt(line)));
    }
    bind(std::move(found), log);
}

void DbtextTable::bind(std::vector<DbtextColumn> found, Log& log) {
    const std::span<const Column> wanted = columns(layout_);
    const auto is_key = [](std::string_view name) {
        return std::ranges::find(key_columns, name) != key_columns.end();
    };
    has_uid_ = std::ranges::find(found, uid_column, &DbtextColumn::name) != found.end();
    bool fills_any = false;
    std::string refused;
    for (DbtextColumn& column : found) {
        const auto source = std::ranges::find(wanted, std::string_view(column.name), &Column::name);
        Bound bound{.column = std::move(column), .source = none};
        if (source != wanted.end()) {
            bound.source = static_cast<std::size_t>(source - wanted.begin());
            bound.tells = has_uid_ ? source->name == uid_column : is_key(source->name);
            fills_any = true;
        }
        if (bound.column.type == DbtextColumn::Type::text && !bound.column.may_be_null && refused.empty())
            refused = bound.column.name;
        columns_.push_back(std::move(bound));
    }
    if (!fills_any)
        throw Error(
            fmt::format("table '{}' has none of the columns that are to be stored; name another with "
                        "--table",
                        path_));
    if (!refused.empty())
        log.warn(
            fmt::format("table '{}': the column {} may not be null, and Kamailio reads no empty text there "
                        "unless its emptystring is set; write null behind its type",
                        path_, excerpt(refused)));
}

void DbtextTable::take_row(std::string_view line, std::uint64_t number) {
    if (line.empty()) return;
    split_dbtext_row(line, fields_);
    if (fields_.size() != columns_.size()) {
        throw Error(
            fmt::format("'{}' line {} has {} fields, and the table {} columns; mend the line, or take it "
                        "out",
                        path_, number, fields_.size(), columns_.size()));
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (!columns_[i].column.is_auto) continue;
        std::int64_t id = 0;
        std::from_chars(fields_[i].data(), fields_[i].data() + fields_[i].size(), id);
        last_id_ = std::max(last_id_, id);
    }
    known_.insert(identity_of_fields(fields_));
    if (known_.size() > most_rows) {
        throw Error(
            fmt::format("table '{}' holds more than {} rows, too many for a text file; let names follow "
                        "the time (--table), or take another kind of database",
                        path_, most_rows));
    }
}

std::uint64_t DbtextTable::identity_of_fields(std::span<const std::string_view> fields) {
    identity_.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].tells) append_identity(columns_[i], fields[i]);
    }
    return hash(identity_);
}

void DbtextTable::append_identity(const Bound& bound, std::string_view field) {
    append_canonical(identity_, bound.column.type, field);
    identity_ += ':';
}

std::uint64_t DbtextTable::identity_of_row(std::span<const Value> row) {
    identity_.clear();
    for (const Bound& bound : columns_) {
        if (!bound.tells) continue;
        line_.clear();
        append_dbtext_field(line_, bound.column, row[bound.source], absent_form(layout_), longest_);
        append_identity(bound, line_);
    }
    return hash(identity_);
}

bool DbtextTable::refresh() {
    switch (file_.change()) {
        case DbtextFile::Change::none: return true;
        case DbtextFile::Change::grown:
            file_.read_on([&](std::string_view line, std::uint64_t number) { take_row(line, number); });
            file_.cut_torn_line();
            return true;
        case DbtextFile::Change::replaced:
        case DbtextFile::Change::gone: return false;
    }
    return false;
}

bool DbtextTable::holds(std::span<const Value> row) { return known_.contains(identity_of_row(row)); }

bool DbtextTable::insert(std::span<const Value> row, std::vector<NamedCount>& cut) {
    if (!known_.insert(identity_of_row(row)).second) return false;
    if (known_.size() > most_rows) {
        throw Error(
            fmt::format("table '{}' would hold more than {} rows, too many for a text file; let names "
                        "follow the time (--table), or take another kind of database",
                        path_, most_rows));
    }
    line_.clear();
    for (const Bound& bound : columns_) {
        if (&bound != &columns_.front()) line_ += ':';
        if (bound.column.is_auto) {
            line_ += std::to_string(++last_id_);
            continue;
        }
        const Value value = bound.source == none ? Value{} : row[bound.source];
        if (!append_dbtext_field(line_, bound.column, value, absent_form(layout_), longest_))
            count(cut, bound.column.name);
    }
    line_ += '\n';
    file_.append(line_);
    return true;
}

}  // namespace hepcap::sink
