// One dbtext table: which columns it has, which rows it holds, and rows added.
//
// A row is known by its uid; in a table of others, without that column, by time, Call-ID, addresses, ports
// and payload as they would stand in the file.  Of each row in the file 64 bits are kept in memory: the uid,
// or a hash of the other.  Kamailio keeps whole tables in memory, so what it can use is far below the limit.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/log.hpp"
#include "sink/backend.hpp"
#include "sink/columns.hpp"
#include "sink/dbtext_file.hpp"
#include "sink/dbtext_format.hpp"

namespace hepcap::sink {

class DbtextTable {
public:
    // Rows that a table may hold: some 40 octets of memory each.
    static constexpr std::size_t most_rows = std::size_t{1} << 20;

    // To be called under the lock of the directory.  Opens the file, and makes it where it is missing and
    // `create` says so.  A text of more than `longest` octets is cut.  Throws Error.
    DbtextTable(const std::string& directory, std::string name, Layout layout, bool create,
                std::size_t longest, Log& log);

    const std::string& name() const { return name_; }
    Layout layout() const { return layout_; }
    std::size_t rows() const { return known_.size(); }

    // To be called under the lock of the directory, before a transaction.  False where the file is another by
    // now, or gone: the table has to be opened anew.
    bool refresh();

    // Adds the row unless it is there; true if it was added.
    bool insert(std::span<const Value> row, std::vector<NamedCount>& cut);
    bool holds(std::span<const Value> row);

    void commit() { file_.commit(); }

private:
    // A column of the file, and which of the layout fills it.
    struct Bound {
        DbtextColumn column;
        std::size_t source;  // none: nothing fills it
        bool tells = false;  // one of those that a row is known by
    };
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    void take_header(std::string_view line, Log& log);
    void bind(std::vector<DbtextColumn> columns, Log& log);
    void take_row(std::string_view line, std::uint64_t number);
    std::uint64_t identity_of_fields(std::span<const std::string_view> fields);
    std::uint64_t identity_of_row(std::span<const Value> row);
    void append_identity(const Bound& bound, std::string_view field);

    std::string name_;
    std::string path_;
    Layout layout_;
    std::size_t longest_;
    DbtextFile file_;
    std::vector<Bound> columns_;
    bool has_uid_ = false;
    std::int64_t last_id_ = 0;
    std::unordered_set<std::uint64_t> known_;
    std::vector<std::string_view> fields_;
    std::string identity_;
    std::string line_;
};

}  // namespace hepcap::sink
