#include "capture/bpf_filter.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/cursor.hpp"
#include "base/error.hpp"

namespace hepcap::capture {

namespace {

constexpr int snaplen = 262144;

// LINKTYPE_ numbers are the same on all systems, DLT_ numbers, which libpcap wants, for a few types
// are not.
int dlt_of(std::uint32_t link_type) { return link_type == 101 ? DLT_RAW : static_cast<int>(link_type); }

std::string name_of(std::uint32_t link_type) {
    const char* name = pcap_datalink_val_to_name(dlt_of(link_type));
    return name ? name : std::to_string(link_type);
}

struct Close {
    void operator()(pcap_t* handle) const { pcap_close(handle); }
};

}  // namespace

struct BpfFilter::Program {
    // Compiles; `reason` is libpcap's where that failed, and the program then matches nothing.
    Program(std::uint32_t type, const std::string& expression) : link_type(type) {
        const std::unique_ptr<pcap_t, Close> handle(pcap_open_dead(dlt_of(type), snaplen));
        if (!handle) {
            reason = "out of memory";
        } else if (pcap_compile(handle.get(), &code, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0) {
            is_compiled = true;
        } else {
            reason = pcap_geterr(handle.get());
        }
    }
    ~Program() {
        if (is_compiled) pcap_freecode(&code);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    std::uint32_t link_type;
    bpf_program code{};
    bool is_compiled = false;
    std::string reason;
};

BpfFilter::BpfFilter(const std::string& expression, Log& log)
    : BpfFilter(
          expression, [expression](std::uint32_t) { return expression; }, log) {}

BpfFilter::BpfFilter(std::string expression, TextFor text_for, Log& log)
    : expression_(std::move(expression)), text_for_(std::move(text_for)), log_(&log) {
    constexpr std::array<std::uint32_t, 4> common{DLT_EN10MB, DLT_LINUX_SLL, 101, DLT_IEEE802_11_RADIO};
    std::string reason;
    for (const std::uint32_t link_type : common) {
        auto program = std::make_unique<Program>(link_type, text_for_(link_type));
        if (program->is_compiled) {
            programs_.push_back(std::move(program));
            return;
        }
        if (reason.empty()) reason = program->reason;
    }
    throw Error(fmt::format("capture filter '{}' is wrong: {}; see pcap-filter(7)", expression_, reason),
                ExitCode::usage);
}

BpfFilter::~BpfFilter() = default;
BpfFilter::BpfFilter(BpfFilter&&) noexcept = default;

BpfFilter::Program& BpfFilter::program_for(std::uint32_t link_type) {
    // The last one used stands in front; files with more than a few link types are not seen.
    const auto found = std::find_if(programs_.begin(), programs_.end(),
                                    [=](const auto& program) { return program->link_type == link_type; });
    if (found != programs_.end()) {
        std::swap(*found, programs_.front());
        return *programs_.front();
    }
    programs_.push_back(std::make_unique<Program>(link_type, text_for_(link_type)));
    Program& program = *programs_.back();
    if (!program.is_compiled) {
        log_->error(fmt::format(
            "capture filter '{}' cannot be used on packets of link type {} ({}); they are left out",
            expression_, name_of(link_type), program.reason));
    }
    return program;
}

bool BpfFilter::matches(const Packet& packet) {
    Program& program = program_for(packet.link_type);
    if (!program.is_compiled) return false;

    Bytes data = packet.data;
    // The program compares a NULL header's address family in this machine's byte order.
    const bool is_family_swapped =
        packet.link_type == DLT_NULL && data.size() >= 4 &&
        (std::endian::native == std::endian::little ? load_u32_le(data.data()) : load_u32(data.data())) >
            0xffff;
    if (is_family_swapped) {
        swapped_.assign(data.begin(), data.end());
        std::reverse(swapped_.begin(), swapped_.begin() + 4);
        data = swapped_;
    }
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(data.size());
    header.len = packet.original_length;
    return pcap_offline_filter(&program.code, &header, data.data()) != 0;
}

}  // namespace hepcap::capture
