// The management interface of Kamailio before 5.0, as its FIFO spoke it: lines in, lines out.
//
//   :sip_capture:reply_fifo_name\n      the command, and where the answer is to go
//   on\n                                arguments, a line each
//   \n                                  the end
//
//   200 OK\n                            status and reason
//   on\n                                values, a line each
//   \n                                  the end
//
// The one command is sip_capture: with on or off (any case, the whole word) it switches, without an
// argument it answers which it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "control/capture_switch.hpp"

namespace hepcap::control {

struct MiRequest {
    std::string command;
    std::string reply_name;  // may be empty: then nobody wants the answer
    std::vector<std::string> arguments;
};

enum class MiCause { no_colon, no_second_colon, no_command };

// Cuts a stream into requests: each up to its empty line, whatever its lines are.
class MiFramer {
public:
    explicit MiFramer(std::size_t limit) : limit_(limit) {}

    void append(std::string_view octets) { buffer_ += octets; }
    std::optional<std::string_view> next();
    bool is_within() const { return begin_ < buffer_.size(); }
    bool is_too_long() const { return buffer_.size() - begin_ > limit_; }
    void clear();

private:
    std::size_t limit_;
    std::string buffer_;
    std::size_t begin_ = 0;
};

Result<MiRequest, MiCause> parse_mi(std::string_view text);

// Carries a request out; the answer, whole.
std::string answer_mi(const MiRequest& request, CaptureSwitch& capture);

}  // namespace hepcap::control
