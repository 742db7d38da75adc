#include "sink/store.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "sink/spool_fixture.hpp"

using namespace hepcap;
using namespace hepcap::sink;
using Then = Store::Then;

namespace {

// A database of the mind: rows are known by their Call-ID, so what is stored twice stands there once.
struct Database {
    std::set<std::string> rows;
    int made = 0;
    int failures = 0;           // of the next calls, each is one
    bool loses_answer = false;  // a commit that fails was done all the same
    bool is_refused_for_good = false;
    std::string taken_up;
};

class DatabaseBackend final : public Backend {
public:
    explicit DatabaseBackend(Database& database) : database_(database) {
        ++database_.made;
        fail_if_due();
    }

    void store(const RowGroup& rows) override {
        if (!database_.loses_answer) fail_if_due();
        const auto all = columns(rows.layout);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (std::size_t c = 0; c < all.size(); ++c) {
                if (all[c].name == "callid") open_.emplace_back(rows.row(i)[c].text());
            }
        }
    }
    void commit() override {
        if (!database_.loses_answer) fail_if_due();
        for (const std::string& row : open_) {
            ++(database_.rows.insert(row).second ? counts_.inserted : counts_.already_there);
        }
        open_.clear();
        fail_if_due();
    }
    void take_up(std::string_view table, Layout) override { database_.taken_up.append(table).append(";"); }
    void settle() override { commit(); }
    void close() override { commit(); }

private:
    void fail_if_due() {
        if (database_.is_refused_for_good) throw Error("wrong password");
        if (database_.failures > 0) {
            --database_.failures;
            throw Error("server away", ExitCode::temporary);
        }
    }

    Database& database_;
    std::vector<std::string> open_;
};

class Fixture {
public:
    explicit Fixture(unsigned retries, Spool* spool = nullptr)
        : store([this] { return std::make_unique<DatabaseBackend>(database); }, {.retries = retries}, spool,
                log) {}

    void put(int first, int last, Then then) {
        RowBatch batch;
        for (int i = first; i <= last; ++i) {
            const std::string callid = "call-" + std::to_string(i);
            record::Record r;
            r.kind = record::kind::sip;
            r.callid = callid;
            REQUIRE(batch.add("t", Layout::sip_capture, r, values_, {}));
            batch.note_origin({.line = callid, .position = static_cast<std::uint64_t>(i)},
                              store.needs_lines());
        }
        store.store(batch, then);
        CHECK(batch.size() == 0);
        CHECK(batch.lines().empty());
    }

    RememberingLog log;
    Database database;
    Store store;

private:
    RowValues values_;
};

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("without retries the first failure ends it, and it is known what is stored") {
        Fixture f(0);
        f.put(1, 10, Then::commit);
        f.put(11, 20, Then::nothing);
        f.database.failures = 1;
        CHECK_THROWS_WITH_AS(f.put(21, 30, Then::commit), "server away", Error);
        CHECK(f.store.counts().inserted == 10);
        CHECK(f.store.counts().position == 10);
        CHECK(f.database.made == 1);
    }

    TEST_CASE("what a lost backend had taken is stored by the next one, each row once") {
        for (const bool loses_answer : {false, true}) {
            CAPTURE(loses_answer);
            Fixture f(3);
            f.database.loses_answer = loses_answer;
            f.put(1, 10, Then::commit);
            f.put(11, 20, Then::nothing);
            f.put(21, 30, Then::nothing);
            f.database.failures = 2;
            f.put(31, 40, Then::commit);
            f.put(41, 50, Then::close);
            CHECK(f.database.rows.size() == 50);
            const SinkCounts counts = f.store.counts();
            CHECK(counts.inserted + counts.already_there == 50);
            CHECK(counts.already_there == (loses_answer ? 30 : 0));
            CHECK(counts.position == 50);
        }
    }

    TEST_CASE("what a lost backend had put off for a table is left to the next one") {
        Fixture f(3);
        f.put(1, 1, Then::commit);
        f.database.failures = 1;
        f.put(1, 0, Then::close);
        CHECK(f.database.made == 2);
        CHECK(f.database.taken_up == "t;");
        f.database.failures = 1;
        f.put(1, 0, Then::settle);
        CHECK(f.database.taken_up == "t;");
    }

    TEST_CASE("N retries are N + 2 tries, as the module counts, and none is one") {
        for (const auto& [retries, tries] : {std::pair(0U, 1), std::pair(1U, 3), std::pair(2U, 4)}) {
            CAPTURE(retries);
            Fixture f(retries);
            f.database.failures = 1000;
            CHECK_THROWS_AS(f.put(1, 1, Then::commit), Error);
            CHECK(1000 - f.database.failures == tries);
        }
    }

    TEST_CASE("that it is waited for the database is said once, and when it is back") {
        RememberingLog log;
        Database database;
        Store store([&] { return std::make_unique<DatabaseBackend>(database); },
                    {.retries = 3, .silent_for = std::chrono::milliseconds(300)}, nullptr, log);
        database.failures = 1;
        store.ask([](Backend& backend) { backend.commit(); });
        CHECK(log.sentences.empty());
        database.failures = 3;
        store.ask([](Backend& backend) { backend.commit(); });
        CHECK(log.sentences == "trying again: server away\nthe database is back; records are stored again\n");
    }

    TEST_CASE("what will not heal is not tried again") {
        Fixture f(5);
        f.database.is_refused_for_good = true;
        CHECK_THROWS_WITH_AS(f.put(1, 1, Then::commit), "wrong password", Error);
        CHECK(f.database.made == 1);
    }

    TEST_CASE("who wants an end does not wait for the database") {
        Fixture f(1000);
        f.database.failures = 1'000'000;
        f.store.abandon();
        CHECK_THROWS_WITH_AS(f.put(1, 1, Then::commit), "server away", Error);
        CHECK(1'000'000 - f.database.failures == 1);
    }

    TEST_CASE("records that no try could store go to the spool, and only those") {
        const TemporaryDirectory directory;
        Spool spool(directory.path().string(), 1 << 20);
        Fixture f(0, &spool);
        f.put(1, 2, Then::commit);
        f.database.failures = 1000;
        f.put(3, 4, Then::commit);
        CHECK(f.store.is_away());
        f.put(5, 5, Then::nothing);
        f.put(6, 6, Then::close);
        CHECK(f.store.counts().spooled == 4);
        CHECK(f.store.counts().inserted == 2);
        CHECK(f.store.counts().position == 6);
        CHECK(contents(directory) == "call-3\ncall-4\ncall-5\ncall-6\n");
        CHECK(f.log.sentences ==
              "server away; records go to the spool '" + directory.path().string() + "' until it is back\n");
    }

    TEST_CASE("after a pause the database is tried again, and what comes then is stored") {
        const TemporaryDirectory directory;
        Spool spool(directory.path().string(), 1 << 20);
        Fixture f(0, &spool);
        f.database.failures = 1;
        f.put(1, 1, Then::commit);
        CHECK(f.store.is_away());
        std::this_thread::sleep_for(Backoff::shortest);
        f.put(2, 2, Then::commit);
        CHECK_FALSE(f.store.is_away());
        CHECK(f.database.rows == std::set<std::string>{"call-2"});
        CHECK(contents(directory) == "call-1\n");
    }

    TEST_CASE("a spool that is full ends the load, and keeps what it has") {
        const TemporaryDirectory directory;
        Spool spool(directory.path().string(), 15);
        Fixture f(0, &spool);
        f.database.failures = 1000;
        f.put(1, 2, Then::commit);
        try {
            f.put(3, 4, Then::commit);
            FAIL_CHECK("taken");
        } catch (const Error& e) {
            CHECK(e.code() == ExitCode::temporary);
            CHECK(std::string_view(e.what()).find("is full") != std::string_view::npos);
        }
        CHECK(f.store.counts().position == 2);
        CHECK(contents(directory) == "call-1\ncall-2\n");
    }
}
