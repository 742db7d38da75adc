// How long tables are kept: which of a database's tables are older than that, by the time that their names
// tell.  A table is dropped whole, or stays; one whose name none of the patterns makes is never looked at.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/timestamp.hpp"

namespace hepcap::load {

class Retention {
public:
    // `age` is a number and a unit: 7d, 12h, 8w.  `patterns` are names of tables as --table and --route have
    // them.  Throws Error (usage) for another age, and where no pattern tells a time with its year: nothing
    // would ever be dropped.  A table may reach `beyond` the time that its name tells, as a partition does
    // whose name is its beginning.
    Retention(std::string_view age, const std::vector<std::string_view>& patterns,
              std::chrono::hours beyond = std::chrono::hours(0));

    // Of `tables` those whose whole period lies before `now` minus the age.
    std::vector<std::string> choose(const std::vector<std::string>& tables, Timestamp now) const;

private:
    std::chrono::hours age_;  // and what tables reach beyond their names
    std::vector<std::string> patterns_;
};

}  // namespace hepcap::load
