// What a collector counts, and how a worker counts it: in plain numbers of its own, which it adds to the
// registry that all share whenever it is about to wait.  The law that the numbers keep:
//
//     received = refused + without a message (off, hep-off, not-allowed) + datagrams with messages
//     messages = records + kept back (no-key … no-packet)
//     records  = written + lost (queue-full, write-failed)
//
// where a datagram may hold several messages, and refused is counted once for what is left of one.  A
// message that had begun to arrive over a connection and was not whole at its end was never received: it
// is unfinished, by the cause of that end.
#pragma once

#include <array>
#include <cstdint>

#include "control/counters.hpp"
#include "hep/decode.hpp"
#include "hep/framing.hpp"
#include "net/consumer.hpp"

namespace hepcap::collect {

// Why something that was received did not come out.
enum class Drop : std::uint8_t {
    off,           // the capture is switched off
    hep_off,       // HEP is
    not_allowed,   // the sender's address
    no_key,        // an authentication key is demanded and the message has none
    wrong_key,     //
    bad_message,   // SIP that Kamailio would not store, with --bad-messages drop
    filtered,      // -Y
    surplus,       // after the last that -c wants
    no_packet,     // -w --unwrap: no packet can be made of it
    queue_full,    // the reader of the output is too slow
    write_failed,  // the output is gone
    count_,
};

std::string_view drop_name(Drop drop);

class Tally {
public:
    enum Slot : std::size_t {
        received_udp,
        received_tcp,
        received_tls,
        octets,
        kernel_dropped,
        messages,
        records,
        forwarded,
        forward_failed,
        connected,
        unfinished_octets,
        first_refusal,
        first_fault = first_refusal + static_cast<std::size_t>(hep::Refusal::count_),
        first_drop = first_fault + static_cast<std::size_t>(hep::FrameFault::count_),
        first_close = first_drop + static_cast<std::size_t>(Drop::count_),
        first_unfinished = first_close + static_cast<std::size_t>(net::CloseCause::count_),
        slot_count = first_unfinished + static_cast<std::size_t>(net::CloseCause::count_),
    };

    void add(std::size_t slot, std::uint64_t n = 1) { counts_[slot] += n; }
    void add(hep::Refusal refusal) { add(first_refusal + static_cast<std::size_t>(refusal)); }
    void add(hep::FrameFault fault) { add(first_fault + static_cast<std::size_t>(fault)); }
    void add(Drop drop, std::uint64_t n = 1) { add(first_drop + static_cast<std::size_t>(drop), n); }
    void add(net::CloseCause cause) { add(first_close + static_cast<std::size_t>(cause)); }
    void add_unfinished(net::CloseCause cause, std::size_t size) {
        add(first_unfinished + static_cast<std::size_t>(cause));
        add(unfinished_octets, size);
    }

private:
    friend class SharedTally;
    std::array<std::uint64_t, slot_count> counts_{};
};

// The same numbers in the registry.
class SharedTally {
public:
    explicit SharedTally(control::Counters& counters);

    // Adds what a worker has counted, and empties that.
    void take(Tally& tally);

    void add(std::size_t slot, std::uint64_t n = 1) { counters_[slot]->add(n); }
    void add(Drop drop, std::uint64_t n) { add(Tally::first_drop + static_cast<std::size_t>(drop), n); }
    void add_written(std::uint64_t records) { written_->add(records); }
    // What was written is lost after all, since its file could not be finished.
    void count_written_as_lost(std::uint64_t records);

    std::uint64_t value(std::size_t slot) const { return counters_[slot]->value(); }
    std::uint64_t written() const { return written_->value(); }
    std::uint64_t received() const;
    // Of which nothing could be made, the unfinished included.
    std::uint64_t damaged() const;
    // Everything that did not come out though it was well-formed, the kernel's drops included, but not
    // what -Y and -c left out.
    std::uint64_t dropped() const;

    // Records that were made and did not reach the output.
    std::uint64_t lost() const;

    // "3 short-header, 1 unfinished reset, 1 wrong-key": causes with their counts; empty where none.
    std::string causes_text() const;

private:
    std::array<control::Counter*, Tally::slot_count> counters_{};
    control::Counter* written_;
};

}  // namespace hepcap::collect
