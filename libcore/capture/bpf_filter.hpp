// Capture filters in the language of pcap-filter(7), run on packets from files.  The one place that
// sees libpcap.
//
// What a filter compiles to depends on the link type, and one file may have several: each is compiled
// when its first packet comes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "capture/packet.hpp"

namespace hepcap::capture {

class BpfFilter {
public:
    // Throws Error (usage) where `expression` is wrong for every common link type.  Where it makes no
    // sense for one link type only ("ether host …" on raw IP), `log` gets a sentence when the first
    // such packet comes, and none of that type matches.
    BpfFilter(const std::string& expression, Log& log);
    // With another text for each link type, made of `expression`, which the sentences name.
    using TextFor = std::function<std::string(std::uint32_t link_type)>;
    BpfFilter(std::string expression, TextFor text_for, Log& log);
    ~BpfFilter();
    BpfFilter(BpfFilter&&) noexcept;
    BpfFilter(const BpfFilter&) = delete;
    BpfFilter& operator=(const BpfFilter&) = delete;
    BpfFilter& operator=(BpfFilter&&) = delete;

    bool matches(const Packet& packet);

private:
    struct Program;

    Program& program_for(std::uint32_t link_type);

    std::string expression_;
    TextFor text_for_;
    Log* log_;
    std::vector<std::unique_ptr<Program>> programs_;
    std::vector<std::uint8_t> swapped_;  // a NULL packet in the other byte order, put right
};

}  // namespace hepcap::capture
