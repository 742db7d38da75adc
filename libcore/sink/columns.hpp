// What a database row holds, for each layout of table, as data: column name and where its value is
// in a record.  The key is the column, so most rows of these tables are a name and a member; the few
// values that a record does not carry as such (`date`, `proto`, `family`, `type`) are derived here.
//
// The layouts and the order of their columns are those of the SQL files; a test holds the two to each
// other.  The column `id` is in no list: the database numbers its rows itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "record/record.hpp"
#include "record/uid.hpp"
#include "sink/homer7_row.hpp"

namespace hepcap::sink {

// What kind of tables a load fills.
enum class Schema : std::uint8_t {
    sipcapture,  // the tables of Kamailio's sipcapture module
    homer5,      // the same tables under the names that Homer 5 looks for
    record,      // one table, a column for each key of a record
    homer7,      // the tables of Homer 7; PostgreSQL has them
};

std::optional<Schema> schema_from_name(std::string_view name);

enum class Layout : std::uint8_t {
    sip_capture,     // 44 columns and uid: SIP messages
    report_capture,  // 11 columns and uid: reports, RTCP and logs
    record,          // every key
    homer7,          // 6 columns, two of them JSON: all of Homer 7
};

// The layout of the table that holds records of `kind`; nothing where the schema stores no such
// records (eof in any, hep and packet and derived records in sipcapture).
std::optional<Layout> layout_for(Schema schema, std::string_view kind);

// The table that records of `kind` go to where the user names none.  In the schema sipcapture the
// user's names are for SIP alone: the module stores rtcp, report and log records in tables of their
// own, whatever `table_name` says, and so does a caller that asks here.
std::string_view default_table(Schema schema, std::string_view kind);

// The table that the schema itself prescribes for the record, whatever the user names; empty where the user's
// names count.
std::string_view prescribed_table(Schema schema, const record::Record& record);

// Values that are made from several members, or from one in another form.
enum class Derived : std::uint8_t {
    date,            // micro_ts as 'YYYY-MM-DD hh:mm:ss' in UTC (the module stores the server's local time)
    proto,           // transport as Kamailio's number
    family,          // of source_ip: 2 or 10, Linux's AF_INET and AF_INET6
    type,            // 1 request, 2 reply; in report tables 3 RTCP, 2 or 4 report, 5 log
    correlation_id,  // as it is, else the Call-ID
    auth,            // always empty: the module never fills it
    payload,         // msg, else the report's data
    uid,             // as it is, else made as hepcap makes it: records of others may come without
    homer7,          // one of Homer7Row
};

struct Column {
    using Source = std::variant<record::Text record::Record::*, record::Integer record::Record::*,
                                record::Boolean record::Record::*, record::Real record::Record::*,
                                record::Json record::Record::*, Derived>;
    std::string_view name;
    Source source;
};

// All columns of a layout, in the order of its SQL file, without `id`.
std::span<const Column> columns(Layout layout);

// Number of the column create_date in the layout homer7, by which its tables have partitions.
inline constexpr std::size_t homer7_time_column = 1;

// The path of the layout's file for embedded_sql(), below the dialect's folder.
std::string_view sql_file(Layout layout);

// One value of a row, in sixteen octets: rows are made by the hundred thousand.  A text is a view of the
// record, of the RowValues that made it, or of the batch that has copied it.
struct Value {
    enum class Type : std::uint8_t {
        absent,  // 0: the others are or-ed to say that there is something
        text,    // UTF-8 without NUL, as far as anybody has looked
        octets,  // what is no such text
        integer,
        real,
    };

    union {
        const char* data;
        std::int64_t integer = 0;
        double real;
    };
    std::uint32_t size = 0;  // of the text
    Type type = Type::absent;

    bool is_textual() const { return type == Type::text || type == Type::octets; }
    std::string_view text() const { return {data, size}; }
};
static_assert(sizeof(Value) == 16);

// Makes the values of a record's row.  Holds the text of the last date, because a thousand records in
// a row share theirs.
class RowValues {
public:
    // Writes a value for each column of the layout.  Texts stay valid until the next record's, and are not
    // looked into: their type is `text` whatever they hold.
    void make(Layout layout, const record::Record& record, Value* row);

    // Values cut in the making, by key: where several share a column, no width of the database can tell.
    const std::vector<NamedCount>& cut() const { return homer7_.cut(); }

private:
    static constexpr std::size_t date_size = 19;  // YYYY-MM-DD hh:mm:ss

    template <const auto& Columns>
    void make_all(const record::Record& record, Value* row);

    void make_homer7(const record::Record& record, Value* row);
    Value derive(Derived what, const record::Record& record);
    std::string_view uid_text(const record::Record& record);
    std::string_view date_text(std::int64_t micro_ts);

    std::int64_t date_second_ = -1;
    std::array<char, date_size> date_{};
    record::UidText uid_{};
    Homer7Row homer7_;
};

}  // namespace hepcap::sink
