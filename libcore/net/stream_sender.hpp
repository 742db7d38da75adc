// HEP3 over a stream, TCP or TLS: messages back to back, each of them framed by its own total length.
//
// One buffer holds what the connection has not taken.  A message that went out in part when the connection
// broke is sent again as a whole on the next one, never continued: a receiver would read its rest as the
// head of another.  What the kernel had taken and the receiver had not read when a connection broke is
// lost; TCP does not tell how much that was, so the loss of a connection is said, and counted.
//
// Nothing here waits but send(), flush() and close(), and these as SenderOptions says.
#pragma once

#include <optional>
#include <vector>

#include "base/file_descriptor.hpp"
#include "net/absence.hpp"
#include "net/sender.hpp"

namespace hepcap::net {

class StreamSender final : public Sender {
public:
    static constexpr std::chrono::milliseconds connect_limit{10'000};
    // A connection that lasts so long is one.
    static constexpr std::chrono::milliseconds settled_after{1'000};
    // How long close() waits for the receiver to have it all, and a stopped sender for anything.
    static constexpr std::chrono::milliseconds farewell{5'000};

    StreamSender(const SocketAddress& address, SenderOptions options, Log& log);

    void send(Bytes message) override;
    void flush() override;
    void close() override;
    Wanted wanted() const override;
    void progress() override;

private:
    using Clock = Absence::Clock;
    enum class State : std::uint8_t { away, connecting, handshaking, open };

    bool is_stopped() const { return options_.is_stopped && options_.is_stopped(); }
    std::size_t waiting() const { return buffer_.size() - begin_; }
    void wait_until_at_most(std::size_t octets);
    void start_connecting();
    void finish_connecting();
    void shake_hands();
    void become_open();
    enum class Heard : std::uint8_t { nothing, end, failure };
    Heard hear(std::string& cause);
    void write_what_waits();
    std::optional<std::size_t> write_some(Bytes octets);
    void check_silence() const;
    std::size_t count_waiting() const;
    void advance(std::size_t octets);
    void lose(std::string_view cause);
    void say_goodbye();

    SocketAddress address_;
    SenderOptions options_;
    Log& log_;
    Absence absence_;
    State state_ = State::away;
    FileDescriptor socket_;
    std::optional<TlsSession> tls_;
    bool tls_waits_to_read_ = false;
    std::vector<ResolvedAddress> candidates_;  // of the host, still to be tried
    Clock::time_point deadline_{};             // of connecting and shaking hands
    Clock::time_point opened_{};
    Clock::time_point last_progress_{};  // of writing

    // begin_ is the first octet of the first message that was not taken whole; written_ the first octet
    // that was not taken at all.
    std::vector<std::uint8_t> buffer_;
    std::size_t begin_ = 0;
    std::size_t written_ = 0;
};

}  // namespace hepcap::net
