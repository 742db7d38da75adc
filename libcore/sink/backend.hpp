// A kind of database: what Sink, the front for all of them, asks of each.  One thread uses it, from the
// first call to the last.  A new one is a file of its own, a folder under sql/ and a line in the table in
// sink.cpp, and nothing else anywhere.
//
// What the world refuses is thrown as Error; after that only the destructor is called.  One with
// ExitCode::temporary (connection lost, server stopped, deadlock, disk full, read-only, a table dropped
// meanwhile) may be tried again: by Store, which makes a new backend and stores the rows since the last
// commit once more, or by the user.  A commit whose answer was lost may have been done: rows stored again
// then must not stand there twice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sink/named_count.hpp"
#include "sink/rows.hpp"

namespace hepcap::sink {

// What became of the records.  Rows of a batch count once it is committed.
struct SinkCounts {
    std::uint64_t inserted = 0;
    std::uint64_t already_there = 0;
    std::uint64_t spooled = 0;         // rows whose records wait in the spool
    std::uint64_t position = 0;        // of the last row (Origin) up to which all are stored or spooled
    std::vector<NamedCount> cut;       // values cut, by column
    std::vector<NamedCount> replaced;  // values of which octets were replaced by U+FFFD, by column
    std::vector<NamedCount> skipped;   // records that the schema has no table for, by kind
};

// Adds what can be added: all but the position.
void add(SinkCounts& counts, const SinkCounts& more);

class Backend {
public:
    virtual ~Backend() = default;

    // Adds the rows to the transaction that is open; begins one where none is.
    virtual void store(const RowGroup& rows) = 0;

    // Takes up a table into which the backend before this one, which failed, has stored since it settled:
    // what that one had put off is to be done by settle() all the same.
    virtual void take_up(std::string_view /*table*/, Layout /*layout*/) {}

    // Ends the transaction, so that its rows are stored; nothing where none is open.
    virtual void commit() = 0;

    // Commits, and does what was put off while rows came thick and fast: in SQLite, the indexes of new
    // tables.
    virtual void settle() = 0;

    // Commits, settles and closes.  The destructor gives up what is not committed.
    virtual void close() = 0;

    // The ledger of finished inputs, a table of the database itself (`hepcap_ledger`): whether `input` is in
    // it, and an entry for it in the transaction that is open, so that an input is in the ledger exactly if
    // all its rows are stored.  A backend without a ledger knows of none.
    virtual bool is_finished(std::string_view /*input*/) { return false; }
    virtual void mark_finished(std::string_view /*input*/) {}

    // For --retention: the names of all tables, and of partitions that can be dropped by themselves; and
    // one of them dropped, outside of any transaction.
    virtual std::vector<std::string> tables() { return {}; }
    virtual void drop_table(std::string_view /*name*/) {}

    const SinkCounts& counts() const { return counts_; }

protected:
    SinkCounts counts_;
};

}  // namespace hepcap::sink
