// The table that a report names itself: the key `table`, which hepcap-report --table writes.
//
// Records come from anywhere, so the name is one that --table would take, and none of a table that holds
// something else; a report that names another goes to the usual table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "select/table_name.hpp"

namespace hepcap::load {

class ReportTable {
public:
    // `taken` are the names, or patterns of names, of tables for other records.
    explicit ReportTable(const std::vector<std::string_view>& taken) : taken_(taken.begin(), taken.end()) {}

    // The table of a report that names one; nothing where it does not, or may not have it.  Valid until
    // the next call.
    std::optional<std::string_view> find(const record::Record& record);

    // Reports whose name was not taken.
    std::uint64_t refused() const { return refused_; }

private:
    bool is_free(std::string_view name) const;

    std::vector<std::string> taken_;
    std::optional<select::TableName> last_;
    std::uint64_t refused_ = 0;
};

}  // namespace hepcap::load
