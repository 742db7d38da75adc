// The partitions of a table of Homer 7: which there are, and the next one made before a row needs it.
//
// A row that fits no partition would fail, and its whole block with it.  So each row's time is looked up here
// first.  A partition reaches over two hours of SIP or logs, six of other traffic, by UTC, and is called
// TABLE_YYYYMMDD_HHMM, as heplify-server does it; beside partitions of others, who may begin their day at
// another hour, it is as long as they leave room.
//
// Times are texts YYYY-MM-DD hh:mm:ss.ffffff here, which sort as the times do.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "sink/postgres_connection.hpp"

namespace hepcap::sink {

class PostgresPartitions {
public:
    // Reads which partitions there are.
    PostgresPartitions(PostgresConnection& connection, std::string table);

    // Whether a row of that time has a place.
    bool covers(std::string_view time) const;

    // Makes the partition for that time; outside of any transaction.
    void make(std::string_view time);

    // Makes those that reach from that time to the end of tomorrow, where it is one of today: no load of live
    // traffic is to wait for one then.
    void make_ahead(std::string_view time);

private:
    void read();

    PostgresConnection& connection_;
    std::string table_;
    bool takes_all_ = false;                                // there is one for the rest
    std::map<std::string, std::string, std::less<>> ends_;  // by begin
};

// The hours that a partition of that table reaches over.
int partition_hours(std::string_view table);

// The whole hours, of UTC and counted from midnight, in which `time` lies: two texts as above.
struct TimeRange {
    std::string begin;
    std::string end;
};
TimeRange partition_range(std::string_view time, int hours);

}  // namespace hepcap::sink
