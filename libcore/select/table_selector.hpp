// Which of several tables a record goes to: `--table 'a|b|c'` with `--mt-mode` and `--hash-source`, the
// module's table_name, mt_mode and hash_source.  Names may follow the time (table_name.hpp).
//
// hash puts a record where Kamailio puts it: the CRC32 of its Call-ID (up to the first white space),
// From user or To user, modulo the number of tables.  Departures from the module: where the chosen
// field is empty it stores nothing, and here the Call-ID decides, and without that the first table takes
// the record; octets from 0x80 on count as what they are.
//
// rand spreads records evenly, but always alike: the record's uid decides, so that loading the same
// records again finds them where they are.  round_robin cannot promise that; a loader asks tables_for()
// and looks into each of them.
//
// CRC32 is zlib's.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "record/record.hpp"
#include "select/table_name.hpp"

namespace hepcap::select {

enum class MultiTableMode : std::uint8_t { rand, round_robin, hash };
enum class HashSource : std::uint8_t { call_id, from_user, to_user };

std::string_view name(MultiTableMode mode);
std::string_view name(HashSource source);

// As in the module, modes are written exactly and sources in any case.  Both throw Error (usage) that
// lists what is allowed; `setting` is what the user wrote it for: "--mt-mode", "mt_mode".
MultiTableMode parse_multi_table_mode(std::string_view text, std::string_view setting);
HashSource parse_hash_source(std::string_view text, std::string_view setting);

// The number that `hash` divides.
std::uint32_t table_hash(const record::Record& record, HashSource source);

struct TableChoice {
    std::string_view name;      // valid until the selector is asked again
    bool follows_time = false;  // ask is_plausible_table_time() before creating it
};

class TableSelector {
public:
    // `list` is separated by |, blanks or tabs; blanks may also stand around a bar.  Throws Error (usage)
    // for an empty element and for names that no table may have.
    explicit TableSelector(std::string_view list, MultiTableMode mode = MultiTableMode::rand,
                           HashSource source = HashSource::call_id);

    // Counts, in the mode round_robin, whatever comes of it.
    Result<TableChoice, TableCause> table_for(const record::Record& record);

    // The names that table_for() could have given for this record; where its time makes a name
    // impossible that one is missing.  Valid until the next call of either.
    std::span<const std::string_view> tables_for(const record::Record& record);

    // Whether the same record may be given another table the next time.
    bool is_round_robin() const { return mode_ == MultiTableMode::round_robin && tables_.size() > 1; }

    std::size_t size() const { return tables_.size(); }

    // The names as they were given, in their order; views of this object.
    void append_patterns(std::vector<std::string_view>& patterns) const {
        for (const TableName& table : tables_) patterns.push_back(table.pattern());
    }

private:
    std::size_t index_for(const record::Record& record);

    std::vector<TableName> tables_;
    std::vector<std::string_view> names_;
    MultiTableMode mode_;
    HashSource source_;
    std::size_t turn_ = 0;
};

}  // namespace hepcap::select
