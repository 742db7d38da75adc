#include "agent/replay.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <ctime>

#include "base/error.hpp"
#include "capture/file_source.hpp"
#include "control/signals.hpp"
#include "record/ndjson_reader.hpp"

namespace hepcap::agent {

namespace {

Timestamp time_of(const record::Record& record) {
    constexpr std::int64_t million = 1'000'000;
    const std::int64_t micros = record.micro_ts.value_or(0);
    return Timestamp::from_parts(micros / million, micros % million * 1000);
}

}  // namespace

Replay::Replay(ReplayOptions options, net::SenderGroup& collectors, Log& log)
    : options_(std::move(options)),
      collectors_(collectors),
      log_(log),
      encoder_(options_.encoder),
      pacer_(options_.pacer),
      decoder_(record::BuilderOptions{}) {
    if (!options_.filter.empty()) filter_ = select::Filter::parse(options_.filter);
}

void Replay::run(std::span<const std::string> names) {
    try {
        for (std::uint64_t pass = 0; pass < options_.passes || options_.passes == 0; ++pass) {
            const std::uint64_t before = records_;
            read_all(names);
            if (is_done() || records_ == before) return;
        }
    } catch (const control::Stopped&) {
        // Nothing more is wanted of the inputs; what was read of them is still sent.
    }
}

bool Replay::is_done() const {
    return control::stop_requested() || (options_.count > 0 && records_ == options_.count);
}

void Replay::read_all(std::span<const std::string> names) {
    pacer_.restart();
    shift_.reset();
    std::deque<Input> inputs;
    std::vector<std::unique_ptr<capture::Source>> captures;
    for (const std::string& name : names) {
        try {
            Input& input = inputs.emplace_back(name, [this](int fd) { collectors_.wait_readable(fd); });
            if (!input.is_capture()) continue;
            captures.push_back(std::make_unique<capture::FileSource>(
                name, log_, [&input](std::uint8_t* out, std::size_t n) { return input.read(out, n); }));
        } catch (const Error& e) {
            log_.error(e.what());
        }
    }
    if (!captures.empty()) {
        capture::MergedSource merged(std::move(captures));
        read_packets(merged);
    }
    for (Input& input : inputs) {
        if (input.is_capture() || is_done()) continue;
        read_records(input, names.size() > 1 ? fmt::format("'{}' ", input.name()) : "");
    }
}

void Replay::read_packets(capture::Source& source) {
    capture::Packet packet;
    while (!is_done() && source.next(packet)) {
        decoder_.start(packet);
        while (!is_done()) {
            const record::Record* const record = decoder_.next();
            if (!record) break;
            take(*record);
        }
    }
}

void Replay::read_records(Input& input, const std::string& prefix) {
    const auto read = [&input](char* to, std::size_t size) {
        const ssize_t got = input.read(reinterpret_cast<std::uint8_t*>(to), size);
        if (got < 0) throw Error(fmt::format("cannot read '{}': {}", input.name(), errno_text(errno)));
        return static_cast<std::size_t>(got);
    };
    record::NdjsonReader reader{record::LineReader(read)};
    record::Record record;
    while (!is_done()) {
        const auto got = reader.next(record);
        if (!got) {
            if (++bad_lines_ <= most_lines_named) log_.error(prefix + record::describe(got.error()));
        } else if (*got) {
            take(record);
        } else {
            break;
        }
    }
}

void Replay::take(const record::Record& record) {
    if (record.kind == record::kind::eof || (filter_ && !filter_->matches(record))) return;
    ++records_;
    if (options_.on_record) options_.on_record(records_);
    const Timestamp captured = time_of(record);
    const std::int64_t now = net::SenderGroup::now();
    const std::int64_t due = pacer_.due(captured, now);
    if (due > now) collectors_.wait_until(due);
    const Bytes message = encoder_.encode(record, date(captured));
    if (message.empty()) return;
    ++messages_;
    collectors_.send(message);
}

std::optional<Timestamp> Replay::date(Timestamp captured) {
    if (options_.dating == Dating::original) return std::nullopt;
    const Timestamp now = Timestamp::now();
    if (options_.dating == Dating::now) return now;
    if (!shift_) shift_ = now.ns - captured.ns;
    std::int64_t moved = 0;
    // A time so far away has no place in HEP either, and is refused as such.
    return __builtin_add_overflow(captured.ns, *shift_, &moved) ? captured : Timestamp{moved};
}

}  // namespace hepcap::agent
