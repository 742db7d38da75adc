// The work of a capture agent: inputs are read, their records filtered, waited for until they are due, dated,
// said in HEP and handed to the collectors.
//
// Memory: what the inputs, the encoder and the collectors' senders hold; nothing is kept of a record that
// was sent.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/encoder.hpp"
#include "agent/input.hpp"
#include "agent/pacer.hpp"
#include "base/log.hpp"
#include "capture/merged_source.hpp"
#include "decode/packet_decoder.hpp"
#include "net/sender_group.hpp"
#include "select/filter.hpp"

namespace hepcap::agent {

// What a message is dated: as its record; when it is sent; or as the record, moved by as much as makes the
// first of them be sent now.
enum class Dating : std::uint8_t { original, now, shift };

struct ReplayOptions {
    EncoderOptions encoder{};
    PacerOptions pacer{};
    Dating dating = Dating::original;
    std::string filter{};      // of records; empty: all
    std::uint64_t count = 0;   // of records; 0: all
    std::uint64_t passes = 1;  // of the inputs; 0: without end
    std::function<void(std::uint64_t records)> on_record{};
};

class Replay {
public:
    // `collectors` and `log` outlive it.  Throws Error (usage) where the filter is none.
    Replay(ReplayOptions options, net::SenderGroup& collectors, Log& log);

    // Sends all that the inputs hold, or until control::stop_requested().  An input that cannot be read is an
    // error in the log, and the others are sent.  The collectors are not closed.  Throws Error where one of
    // them cannot be reached any more.
    void run(std::span<const std::string> names);

    std::uint64_t records() const { return records_; }    // that matched
    std::uint64_t messages() const { return messages_; }  // made of them
    std::uint64_t bad_lines() const { return bad_lines_; }
    const Encoder& encoder() const { return encoder_; }
    const decode::Tally& packets() const { return decoder_.tally(); }

    // Lines that are no records are named one by one up to this many.
    static constexpr std::uint64_t most_lines_named = 10;

private:
    bool is_done() const;
    void read_all(std::span<const std::string> names);
    void read_packets(capture::Source& source);
    void read_records(Input& input, const std::string& prefix);
    void take(const record::Record& record);
    std::optional<Timestamp> date(Timestamp captured);

    ReplayOptions options_;
    net::SenderGroup& collectors_;
    Log& log_;
    std::optional<select::Filter> filter_;
    Encoder encoder_;
    Pacer pacer_;
    decode::PacketDecoder decoder_;
    std::optional<std::int64_t> shift_;
    std::uint64_t records_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t bad_lines_ = 0;
};

}  // namespace hepcap::agent
