// Rows on their way from the records to a database: values, by the columns of a layout, in memory of
// their own.  They are made where the records are read and stored by another thread, which the views of a
// record would not live to see.
//
// A RowBatch holds rows of one or several tables, each table's in their order, in bounded memory: a few
// hundred rows, or half a megabyte of text.  Only a record that is larger by itself makes it grow, until
// the batch is empty again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "sink/columns.hpp"

namespace hepcap::sink {

// Rows of one table, a value for each column of the layout; their texts lie in the batch.
struct RowGroup {
    std::string table;
    Layout layout{};
    std::vector<std::string> siblings;  // tables that may hold the same rows, this one among them
    std::size_t width = 0;              // values of a row
    std::vector<Value> values;
    std::vector<std::uint8_t> present;  // for each column not 0 where some row has a value

    std::size_t size() const { return values.size() / width; }
    std::span<const Value> row(std::size_t i) const { return {values.data() + i * width, width}; }
};

// Where a record came from.
struct Origin {
    std::string_view line;       // its text, without the line end
    std::uint64_t position = 0;  // a number that grows with the input, and means something to the caller
};

class RowBatch {
public:
    static constexpr std::size_t most_rows = 256;
    static constexpr std::size_t most_text = std::size_t{512} * 1024;

    // False, and nothing has changed, where the batch has no room for the row; an empty one has.
    bool add(std::string_view table, Layout layout, const record::Record& record, RowValues& values,
             std::span<const std::string_view> siblings);

    // Notes where the row that was just added came from, and keeps its line where `keep_line` says so.
    void note_origin(const Origin& origin, bool keep_line);

    // Of the last row.
    std::uint64_t position() const { return position_; }
    // Those kept, with line ends.
    std::string_view lines() const { return lines_; }
    // Memory that the batch holds, about.
    std::size_t octets() const { return capacity_ + lines_.capacity(); }

    std::size_t size() const { return rows_; }
    bool is_full() const { return rows_ >= most_rows; }
    std::span<const RowGroup> groups() const { return groups_; }
    void clear();

private:
    RowGroup& group_for(std::string_view table, Layout layout, std::span<const std::string_view> siblings);
    bool make_room(std::size_t octets);

    std::vector<RowGroup> groups_;
    std::size_t last_ = 0;  // group that got the last row
    std::size_t rows_ = 0;
    std::unique_ptr<char[]> text_;
    std::size_t capacity_ = 0;
    std::size_t used_ = 0;
    std::uint64_t position_ = 0;
    std::string lines_;
};

}  // namespace hepcap::sink
