#include "sink/store.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

namespace hepcap::sink {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

}  // namespace

// How often it has been tried: the module's way of counting (store.hpp).
class Store::Tries {
public:
    explicit Tries(const RetryOptions& options) : options_(options) {}

    // After a try that failed: how long to wait for the next, or nothing where it was the last.
    std::optional<milliseconds> next() {
        if (options_.retries == 0) return std::nullopt;
        if (has_failed_) {
            const auto now = steady_clock::now();
            if (failed_retries_++ == 0) first_failed_retry_ = now;
            const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - first_failed_retry_);
            if (failed_retries_ > options_.retries || passed > options_.retry_timeout) return std::nullopt;
        }
        has_failed_ = true;
        return backoff_.next();
    }

private:
    const RetryOptions& options_;
    bool has_failed_ = false;
    unsigned failed_retries_ = 0;
    steady_clock::time_point first_failed_retry_{};
    Backoff backoff_;
};

Store::Store(MakeBackend make, RetryOptions options, Spool* spool, Log& log)
    : make_(std::move(make)), options_(std::move(options)), spool_(spool), log_(log) {
    attempt([](Backend&) {});
}

void Store::store(RowBatch& batch, Then then, const std::string& finished) {
    if (batch.size() > 0) {
        held_octets_ += batch.octets();
        held_.push_back(std::move(batch));
        batch = RowBatch();
        if (!spare_.empty()) {
            batch = std::move(spare_.back());
            spare_.pop_back();
        }
    }
    if (then == Then::nothing && held_octets_ > most_held) then = Then::commit;
    if (is_to_be_left_alone(then)) {
        if (then != Then::nothing) spool_held();
        return;
    }
    attempt([&](Backend& backend) {
        if (!finished.empty()) backend.mark_finished(finished);
        finish(backend, then);
    });
    if (!may_hold()) release_held();
}

void Store::ask(const std::function<void(Backend&)>& question) {
    if (!is_to_be_left_alone(Then::nothing)) attempt(question);
}

void Store::attempt(const std::function<void(Backend&)>& work) {
    Tries tries(options_);
    std::optional<steady_clock::time_point> first_failure;
    bool is_told = false;
    while (true) {
        try {
            if (!backend_) make_backend();
            store_held();
            work(*backend_);
            if (is_away_.exchange(false) || is_told)
                log_.warn("the database is back; records are stored again");
            absence_.reset();
            return;
        } catch (const Error& e) {
            lose_backend();
            if (e.code() != ExitCode::temporary) throw refused_for_good(e);
            const auto wait = is_away_ ? std::nullopt : tries.next();
            const auto now = steady_clock::now();
            if (!first_failure) first_failure = now;
            if (wait && !is_told && now + *wait - *first_failure >= options_.silent_for) {
                log_.warn(fmt::format("trying again: {}", e.what()));
                is_told = true;
            }
            if (!wait || !pause(*wait)) return give_up(e);
        }
    }
}

void Store::make_backend() {
    backend_ = make_();
    for (const auto& [table, layout] : unsettled_) backend_->take_up(table, layout);
}

void Store::store_held() {
    constexpr std::size_t most_unsettled = 64;
    for (; stored_ < held_.size(); ++stored_) {
        for (const RowGroup& rows : held_[stored_].groups()) {
            if (rows.size() == 0) continue;
            if (unsettled_.size() < most_unsettled) unsettled_.try_emplace(rows.table, rows.layout);
            backend_->store(rows);
        }
        stored_position_ = held_[stored_].position();
    }
}

void Store::finish(Backend& backend, Then then) {
    switch (then) {
        case Then::nothing: return;
        case Then::commit: backend.commit(); break;
        case Then::settle: backend.settle(); break;
        case Then::close: backend.close(); break;
    }
    if (then != Then::commit) unsettled_.clear();
    committed_ = before_;
    add(committed_, backend.counts());
    position_ = stored_position_;
    release_held();
}

void Store::release_held() {
    for (RowBatch& batch : held_) {
        batch.clear();
        // One that a large record made grow, or that has kept lines, is not worth its memory.
        if (spare_.size() < 4) spare_.push_back(std::move(batch));
    }
    held_.clear();
    held_octets_ = 0;
    stored_ = 0;
}

void Store::lose_backend() {
    backend_.reset();
    before_ = committed_;
    stored_ = 0;
}

bool Store::is_to_be_left_alone(Then then) const {
    if (!is_away_) return false;
    return must_end() || (steady_clock::now() < next_try_ && then != Then::close);
}

// False where the wait was given up.
bool Store::pause(milliseconds length) const {
    constexpr milliseconds step{20};
    const auto end = steady_clock::now() + length;
    while (!must_end()) {
        const auto rest = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
        if (rest <= milliseconds(0)) return true;
        std::this_thread::sleep_for(std::min(rest, step));
    }
    return false;
}

void Store::give_up(const Error& cause) {
    if (spool_ == nullptr) throw cause;
    next_try_ = steady_clock::now() + absence_.next();
    if (!is_away_.exchange(true)) {
        log_.warn(fmt::format("{}; records go to the spool '{}' until it is back", cause.what(),
                              spool_->directory()));
    }
    spool_held();
}

void Store::spool_held() {
    for (const RowBatch& batch : held_) {
        if (!spool_->append(batch.lines())) {
            throw Error(fmt::format("the database stays away and the spool '{}' is full; see to the "
                                    "database, or give the spool more room with --spool-size",
                                    spool_->directory()),
                        ExitCode::temporary);
        }
        spooled_ += batch.size();
        position_ = batch.position();
    }
    release_held();
}

SinkCounts Store::counts() const {
    SinkCounts counts = before_;
    if (backend_) add(counts, backend_->counts());
    counts.spooled = spooled_;
    counts.position = position_;
    return counts;
}

}  // namespace hepcap::sink
