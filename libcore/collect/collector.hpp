// HEP as it arrives into what comes out: one worker's whole way, from octets and their sender to a record
// or a packet in the queue.
//
//     octets -switches, allow list-> HEP decoder -> keys -> record -> bad messages, -Y, -c -> outlet
//
// A collector belongs to the thread of its receiver; what it shares with others stands in Shared.  Once
// warm it allocates nothing for a message.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "collect/notices.hpp"
#include "collect/outlet.hpp"
#include "collect/rejects.hpp"
#include "control/capture_switch.hpp"
#include "net/consumer.hpp"
#include "net/datagram_socket.hpp"

namespace hepcap::collect {

// Messages that -c still wants; many workers draw from it.
class Quota {
public:
    // 0: no bound.  `on_used_up` is called by the worker that takes the last.
    Quota(std::uint64_t count, std::function<void()> on_used_up)
        : is_bounded_(count > 0),
          left_(static_cast<std::int64_t>(count)),
          on_used_up_(std::move(on_used_up)) {}

    bool take() {
        if (!is_bounded_) return true;
        const std::int64_t before = left_.fetch_sub(1, std::memory_order_relaxed);
        if (before == 1) on_used_up_();
        return before > 0;
    }

private:
    bool is_bounded_;
    std::atomic<std::int64_t> left_;
    std::function<void()> on_used_up_;
};

struct Shared {
    const control::CaptureSwitch& capture;
    const RulesSlot& rules;
    SharedTally& tally;
    OutputQueue& queue;
    Notices& notices;
    Quota& quota;
    Rejects* rejects = nullptr;  // null: nothing is kept
};

class Collector : public net::StreamConsumer {
public:
    // `forward` is this worker's own, or absent.
    Collector(const Shared& shared, std::optional<net::DatagramSocket> forward);

    void take(Bytes octets, const net::Arrival& arrival) override;
    void before_wait() override;
    void kernel_dropped(std::uint64_t datagrams) override;
    bool admits(const Endpoint& peer) override;
    std::ptrdiff_t frame_size(Bytes beginning) override;
    void connected(const net::Arrival& arrival) override;
    void disconnected(const net::Arrival& arrival, net::CloseCause cause, Bytes unfinished,
                      std::string_view detail) override;

    // Grows as long as the thread comes round.  Safe from any thread.
    std::uint64_t signs_of_life() const { return signs_of_life_.load(std::memory_order_relaxed); }

private:
    void renew_rules();
    bool is_let_in(const net::Arrival& arrival);
    bool is_keyed(const Endpoint& peer);
    // Whether the datagram is to be forwarded on this message's account.
    bool take_message(Bytes octets, const net::Arrival& arrival);
    void write(const record::Record& record, Bytes octets, const net::Arrival& arrival);
    void refuse(Bytes octets, const net::Arrival& arrival, hep::Refusal refusal);
    void count_unfinished(Bytes octets, const net::Arrival& arrival, net::CloseCause cause);
    void keep_reject(Bytes octets, const net::Arrival& arrival, std::string_view cause);

    Shared shared_;
    std::optional<net::DatagramSocket> forward_;
    std::shared_ptr<const Rules> rules_;
    std::uint64_t generation_ = 0;
    Tally tally_;
    std::unique_ptr<record::RecordBuilder> builder_;
    Outlet outlet_;
    hep::Decoder decoder_;
    hep::Message message_;
    capture::Datagram carrier_;
    std::optional<hep::FrameFault> last_fault_;
    std::atomic<std::uint64_t> signs_of_life_{0};
    bool has_kept_datagram_ = false;  // -w: the datagram in hand has come out already
};

}  // namespace hepcap::collect
