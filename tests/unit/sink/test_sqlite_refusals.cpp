#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <random>

#include "sink/sqlite_fixture.hpp"

using namespace hepcap;
using namespace hepcap::sink;

namespace {

// Runs `work` in a process of its own; its exit status, or 128 and the signal.
pid_t start(const std::function<int()>& work) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int status = 99;
        try {
            status = work();
        } catch (const Error& e) {
            status = static_cast<int>(e.code());
        }
        _exit(status);
    }
    return child;
}

int wait_for(pid_t child) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("a table with none of the columns is refused") {
        TestDatabase db;
        db.query("CREATE TABLE sip_capture (a int, b text)");
        CHECK(sentence_of([&] { load(db, 0, 1); }, ExitCode::usage).find("none of the columns") !=
              std::string::npos);
    }

    TEST_CASE("without leave to create, a missing database or table is an error that says what to do") {
        TestDatabase db;
        const SinkOptions options{.create = false};
        CHECK(sentence_of([&] { db.open(options); }, ExitCode::usage).starts_with("cannot open database '"));
        db.query("CREATE TABLE other (a)");
        const auto sink = db.open(options);
        append(*sink, 0, 1);
        const std::string sentence = sentence_of([&] { sink->flush(); }, ExitCode::usage);
        CHECK(sentence.find("--create") != std::string::npos);
    }

    TEST_CASE("what is no database is refused with its name") {
        TestDatabase db;
        std::ofstream(db.path())
            << "These are not the octets you are looking for, however many of them there may be.";
        const std::string sentence = sentence_of([&] { load(db, 0, 1); }, ExitCode::usage);
        CHECK(sentence.find(db.path() + "' is no SQLite database") != std::string::npos);
        const std::string directory = std::filesystem::path(db.path()).parent_path().string();
        RememberingLog log;
        CHECK(sentence_of([&] { open_sink("sqlite:" + directory, {}, log); }, ExitCode::usage)
                  .starts_with("cannot open database '" + directory + "'"));
    }

    TEST_CASE("a database that stays locked is a temporary error that says what is stored") {
        TestDatabase db;
        load(db, 0, 5);
        sqlite3* other = nullptr;
        REQUIRE(sqlite3_open(db.path().c_str(), &other) == SQLITE_OK);
        REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
        const auto sink = db.open({.busy_timeout = std::chrono::milliseconds(50)});
        const std::string sentence = sentence_of(
            [&] {
                append(*sink, 5, 6);
                sink->flush();
            },
            ExitCode::temporary);
        CHECK(sentence.find("stayed locked by another process") != std::string::npos);
        CHECK(sentence.find("0 rows of this load are stored") != std::string::npos);
        sqlite3_close(other);
        CHECK(load(db, 0, 6).inserted == 1);
    }

    TEST_CASE("a disk that fills up is a temporary error, and loading again completes the load") {
        TestDatabase db;
        const pid_t child = start([&] {
            // No file may grow beyond 1 MiB: for SQLite that is a disk that is full.
            const rlimit limit{1 << 20, 1 << 20};
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &limit);
            const auto sink = db.open({.batch = 100});
            append(*sink, 0, 5000);
            sink->close();
            return 0;
        });
        CHECK(wait_for(child) == static_cast<int>(ExitCode::temporary));
        CHECK(db.query("PRAGMA integrity_check") == "ok");
        const SinkCounts again = load(db, 0, 5000);
        CHECK(again.inserted < 5000);
        CHECK(again.inserted + again.already_there == 5000);
        CHECK(db.query(count_all) == "5000|5000");
    }

    TEST_CASE("a load that is killed leaves a sound database, and loading again completes it") {
        TestDatabase db;
        std::mt19937 random(7);
        for (int i = 0; i < 8; ++i) {
            const pid_t child = start([&] {
                const auto sink = db.open({.batch = 200});
                append(*sink, 0, 4000);
                sink->close();
                return 0;
            });
            usleep(static_cast<useconds_t>(random() % 120'000));
            kill(child, SIGKILL);
            wait_for(child);
            CHECK(db.query("PRAGMA integrity_check") == "ok");
        }
        load(db, 0, 4000);
        CHECK(db.query(count_all) == "4000|4000");
        CHECK(db.query(index_count) == "9");
        CHECK(db.query("PRAGMA integrity_check") == "ok");
    }

    TEST_CASE("two loads of the same records at once store each of them once") {
        TestDatabase db;
        const auto work = [&] {
            const auto sink = db.open({.batch = 50});
            append(*sink, 0, 2000);
            sink->close();
            return 0;
        };
        const pid_t one = start(work);
        const pid_t other = start(work);
        CHECK(wait_for(one) == 0);
        CHECK(wait_for(other) == 0);
        CHECK(db.query(count_all) == "2000|2000");
        CHECK(db.query(index_count) == "9");
    }

    TEST_CASE("a dry run stores nothing, makes nothing, and tells what an open would refuse") {
        const SinkOptions dry{.dry_run = true};
        const SinkOptions dry_without_create{.create = false, .dry_run = true};
        TestDatabase db;
        const auto sink = db.open(dry);
        append(*sink, 0, 10);
        sink->close();
        CHECK(sink->counts().inserted == 10);
        CHECK_FALSE(std::filesystem::exists(db.path()));

        const std::string missing = sentence_of([&] { db.open(dry_without_create); }, ExitCode::usage);
        CHECK(missing.find("'" + db.path() + "': there is none; leave --no-create out") != std::string::npos);
        const std::string directory = std::filesystem::path(db.path()).parent_path().string();
        RememberingLog log;
        const auto refused = [&](const std::string& path) {
            return sentence_of([&] { open_sink("sqlite:" + path, dry, log); }, ExitCode::usage);
        };
        CHECK(refused(directory + "/none/x.db").find("No such file or directory; the directory must") !=
              std::string::npos);
        CHECK(refused(directory).find("it is a directory") != std::string::npos);
        std::ofstream(db.path()) << "These are not the octets you are looking for.";
        CHECK(refused(db.path()).find("is no SQLite database") != std::string::npos);
        sentence_of([&] { open_sink("sqlite:", dry, log); }, ExitCode::usage);
        sentence_of([&] { open_sink("oracle://localhost/x", dry, log); }, ExitCode::usage);
    }

    TEST_CASE("a dry run takes a database that is there, and leaves its octets alone") {
        TestDatabase db;
        load(db, 0, 3);
        const auto written = std::filesystem::last_write_time(db.path());
        const auto sink = db.open({.dry_run = true});
        append(*sink, 3, 6);
        sink->close();
        CHECK(std::filesystem::last_write_time(db.path()) == written);
        CHECK(db.query(count_all) == "3|3");
    }
}
