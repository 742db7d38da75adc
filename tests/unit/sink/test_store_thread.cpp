#include "sink/store_thread.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <string>

#include "base/error.hpp"

using namespace hepcap;
using namespace hepcap::sink;

namespace {

struct SilentLog : Log {
    void warn(std::string_view) override {}
    void error(std::string_view) override {}
} log_of_tests;

struct ToldLog : Log {
    std::string text;
    void warn(std::string_view sentence) override { text.append("w:").append(sentence); }
    void error(std::string_view sentence) override { text.append("e:").append(sentence); }
};

// What a backend was asked to do, readable once the thread is done.
struct Story {
    std::string events;
    std::atomic<bool> may_go_on{true};
    std::atomic<int> stored{0};
    bool blocks_signals = false;
};

class TellingBackend final : public Backend {
public:
    TellingBackend(Story& story, int fail_at) : story_(story), fail_at_(fail_at) {}

    void store(const RowGroup& rows) override {
        while (!story_.may_go_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (++story_.stored == fail_at_) throw Error("the disk is full", ExitCode::temporary);
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        story_.blocks_signals = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1;
        story_.events += rows.table;
        counts_.inserted += rows.size();
    }
    void commit() override { story_.events += "+"; }
    void settle() override { story_.events += "="; }
    void close() override { story_.events += "."; }
    bool is_finished(std::string_view input) override { return input == "known"; }
    void mark_finished(std::string_view input) override { story_.events += "[" + std::string(input) + "]"; }

private:
    Story& story_;
    int fail_at_;
};

void put(StoreThread& thread, std::string_view table, StoreThread::Then then) {
    RowBatch batch;
    RowValues values;
    record::Record r;
    r.kind = record::kind::sip;
    batch.add(table, Layout::sip_capture, r, values, {});
    thread.put(batch, then);
    CHECK(batch.size() == 0);
}

std::unique_ptr<StoreThread> start(Story& story, int fail_at = 0) {
    auto make = [&story, fail_at] { return std::make_unique<TellingBackend>(story, fail_at); };
    return std::make_unique<StoreThread>(
        std::make_unique<Store>(make, RetryOptions{}, nullptr, log_of_tests));
}

using Then = StoreThread::Then;

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("batches are stored in their order, and tasks done behind them") {
        Story story;
        const auto thread = start(story);
        for (const char* const table : {"a", "b", "c"}) put(*thread, table, Then::nothing);
        put(*thread, "d", Then::commit);
        put(*thread, "e", Then::settle);
        put(*thread, "f", Then::close);
        thread->wait();
        CHECK(story.events == "abcd+e=f.");
        CHECK(thread->counts().inserted == 6);
        CHECK(story.blocks_signals);
    }

    TEST_CASE("what made the backend fail is thrown to whoever asks, again and again") {
        Story story;
        const auto thread = start(story, 2);
        put(*thread, "a", Then::commit);
        thread->wait();
        thread->check();
        put(*thread, "b", Then::commit);
        CHECK_THROWS_WITH_AS(thread->wait(), "the disk is full", Error);
        CHECK_THROWS_AS(thread->check(), Error);
        CHECK_THROWS_AS(put(*thread, "c", Then::nothing), Error);
        CHECK(story.events == "a+");
        CHECK(thread->counts().inserted == 1);
    }

    TEST_CASE("a caller that is faster than the backend waits, and one that waits is told of a failure") {
        Story story;
        story.may_go_on = false;
        const auto thread = start(story, 1);
        std::atomic<int> handed_over{0};
        std::atomic<bool> was_told{false};
        std::thread caller([&] {
            try {
                while (true) {
                    put(*thread, "a", Then::nothing);
                    ++handed_over;
                }
            } catch (const Error&) {
                was_told = true;
            }
        });
        for (int i = 0; i < 2000 && handed_over < 3; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        CHECK(handed_over == 3);  // one at work, two before it
        story.may_go_on = true;
        caller.join();
        CHECK(was_told);
    }

    TEST_CASE("a thread that goes gives up what it was given and has not begun") {
        Story story;
        story.may_go_on = false;
        auto thread = start(story);
        for (const char* const table : {"a", "b", "c"}) put(*thread, table, Then::commit);
        std::thread release([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            story.may_go_on = true;
        });
        thread.reset();
        release.join();
        CHECK(story.events == "a+");
    }

    TEST_CASE("sentences are kept until they are passed on") {
        ToldLog told;
        KeptLog kept(told);
        std::thread([&] {
            kept.warn("one");
            kept.error("two");
        }).join();
        CHECK(told.text.empty());
        kept.pass_on();
        kept.pass_on();
        CHECK(told.text == "w:onee:two");
    }

    TEST_CASE("what is said by who waits anyway is not kept, and comes behind what was") {
        ToldLog told;
        KeptLog kept(told);
        std::thread([&] { kept.warn("one"); }).join();
        kept.warn("two");
        CHECK(told.text == "w:onew:two");
    }

    TEST_CASE("who waits for the thread is asked to look around now and then") {
        Story story;
        story.may_go_on = false;
        std::unique_ptr<Store> store =
            std::make_unique<Store>([&] { return std::make_unique<TellingBackend>(story, 0); },
                                    RetryOptions{}, nullptr, log_of_tests);
        StoreThread thread(std::move(store), [&] { story.may_go_on = true; });
        put(thread, "a", StoreThread::Then::commit);
        thread.wait();
        CHECK(story.events == "a+");
    }
}

TEST_CASE("an input is marked as finished behind its last rows and before their commit") {
    Story story;
    const auto thread = start(story);
    RowBatch batch;
    put(*thread, "a", StoreThread::Then::nothing);
    thread->put(batch, StoreThread::Then::commit, "input");
    thread->wait();
    CHECK(story.events == "a[input]+");
}

TEST_CASE("a question is answered behind what was put, and one that fails is a failure") {
    Story story;
    const auto thread = start(story);
    put(*thread, "a", StoreThread::Then::nothing);
    bool is_known = false;
    thread->ask([&](Backend& backend) { is_known = backend.is_finished("known"); });
    CHECK(is_known);
    CHECK(story.events == "a");
    CHECK_THROWS_AS(thread->ask([](Backend&) { throw Error("gone", ExitCode::temporary); }), Error);
    CHECK_THROWS_AS(thread->check(), Error);
}
