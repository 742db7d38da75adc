// The name of a table, which may follow the time of the record: a pattern of strftime(3) expanded in
// UTC from `micro_ts`, as Kamailio does, so that `sip_capture_call_%Y%m%d` turns over at midnight UTC on
// every machine.
//
// Names are the same for every database, so only what all of them take is allowed: letters, digits, _
// . $ and -, beginning with a letter, a digit or _, at most 64 of them when expanded (the length MySQL
// has room for; Kamailio would take 127).  For that reason only those codes are accepted that make such
// characters; `%D` makes slashes, `%c` blanks, `%%` a percent sign.  All of it is checked when the
// pattern is read: what a record can still get wrong is its time.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "record/record.hpp"

namespace hepcap::select {

// Why a record has no table.
enum class TableCause : std::uint8_t {
    no_time,          // the name follows the time, and the record has no micro_ts
    impossible_time,  // its micro_ts is before 1970 or after 9999
};

// "no-time", "impossible-time".
std::string_view name(TableCause cause);

// Whether `micro_ts` is a time at which traffic may have been captured: from 2000 to two days after
// `now`, the clock of the caller.  Senders with a broken clock bring 1970, 2036 or 2100; a name that
// follows the time would make a table for each of their days.  Asked before such a table is created, not
// by expand(): the record itself is kept.
bool is_plausible_table_time(std::int64_t micro_ts, Timestamp now);

class TableName {
public:
    static constexpr std::size_t max_length = 64;

    // Throws Error (usage) for a pattern that could make a name no table may have.
    explicit TableName(std::string_view pattern);

    // Points into this object, until the next call.  A pattern is expanded once for each day, hour,
    // minute or second that it tells apart, not for each record.
    Result<std::string_view, TableCause> expand(const record::Record& record);

    // Whether the name depends on the record's time at all.
    bool follows_time() const { return period_us_ != 0; }

    std::string_view pattern() const { return pattern_; }

private:
    std::string pattern_;
    std::int64_t period_us_ = 0;  // how long one expansion holds; 0: for ever
    std::int64_t expanded_period_ = std::numeric_limits<std::int64_t>::min();
    std::array<char, max_length + 1> expanded_{};
    std::size_t expanded_length_ = 0;
};

}  // namespace hepcap::select
