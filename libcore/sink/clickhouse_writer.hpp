// Stores blocks in ClickHouse: at once, or on a thread and a connection of its own while the next blocks
// fill.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "sink/clickhouse_block.hpp"
#include "sink/clickhouse_server.hpp"

namespace hepcap::sink {

// What one commit stores.  There are no transactions: the blocks are stored one after the other, and the
// entries of the ledger when all of them are.
struct ClickHouseWork {
    std::vector<ClickHouseBlock> blocks;
    std::vector<std::string> inputs;  // for the ledger

    bool is_empty() const { return blocks.empty() && inputs.empty(); }
};

ClickHouseBlock::Stored store_work(ClickHouseServer& server, const ClickHouseWork& work);

class ClickHouseWriter {
public:
    // The thread's connection is made with the first work.
    ClickHouseWriter(std::string_view location, std::function<bool()> must_end)
        : server_(location, std::move(must_end)) {}
    ~ClickHouseWriter();
    ClickHouseWriter(const ClickHouseWriter&) = delete;
    ClickHouseWriter& operator=(const ClickHouseWriter&) = delete;

    // Waits for what was given before, and returns what became of it; throws what made it fail.
    ClickHouseBlock::Stored give(ClickHouseWork work);
    ClickHouseBlock::Stored wait();

private:
    void run();

    ClickHouseServer server_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<ClickHouseWork> work_;  // given, and not yet done
    ClickHouseBlock::Stored stored_;
    std::exception_ptr failure_;
    bool must_stop_ = false;
    std::thread thread_;
};

}  // namespace hepcap::sink
