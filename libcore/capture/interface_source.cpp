#include "capture/interface_source.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/error.hpp"
#include "base/nearest.hpp"

namespace hepcap::capture {

namespace {

// LINKTYPE_RAW as savefiles have it, for what DLT_RAW is here.
constexpr std::uint32_t linktype_raw = 101;

std::uint32_t link_type_of(int dlt) {
    return dlt == DLT_RAW ? linktype_raw : static_cast<std::uint32_t>(dlt);
}

Error no_such_interface(const std::string& name) {
    std::vector<std::string> names;
    for (const InterfaceInfo& interface : list_interfaces()) names.push_back(interface.name);
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    return Error(
        fmt::format("there is no interface '{}'{}; -D lists them", name, did_you_mean(name, candidates)),
        ExitCode::usage);
}

Error activation_error(const std::string& name, int status, const char* detail) {
    switch (status) {
        case PCAP_ERROR_NO_SUCH_DEVICE: return no_such_interface(name);
        case PCAP_ERROR_PERM_DENIED:
        case PCAP_ERROR_PROMISC_PERM_DENIED:
            return Error(fmt::format("not permitted to capture on '{}': {}", name, permission_advice()));
        case PCAP_ERROR_IFACE_NOT_UP:
            return Error(fmt::format("interface '{0}' is down; ip link set {0} up", name));
        default:
            return Error(
                fmt::format("cannot capture on '{}': {}", name, *detail ? detail : pcap_statustostr(status)));
    }
}

std::string address_text(const sockaddr* address) {
    if (!address) return {};
    char text[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
    } else if (address->sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
    }
    return text;
}

}  // namespace

std::string_view permission_advice() {
    return "it takes the capability cap_net_raw; run it as root, with -Z USER to drop to a user, or give it "
           "to the program: setcap cap_net_raw,cap_net_admin=ep $(command -v hepcap-raw)";
}

void InterfaceSource::Close::operator()(pcap* handle) const { pcap_close(handle); }

InterfaceSource::InterfaceSource(const InterfaceOptions& options)
    : name_(options.name), has_nanoseconds_(options.has_nanoseconds) {
    char reason[PCAP_ERRBUF_SIZE] = "";
    handle_.reset(pcap_create(name_.c_str(), reason));
    if (!handle_) throw Error(fmt::format("cannot capture on '{}': {}", name_, reason));
    activate(options);
    link_type_ = link_type_of(pcap_datalink(handle_.get()));
    set_filter(options);
    fd_ = pcap_get_selectable_fd(handle_.get());
    if (fd_ < 0 || pcap_setnonblock(handle_.get(), 1, reason) != 0) {
        throw Error(fmt::format("cannot capture on '{}': it cannot be waited for", name_));
    }
}

InterfaceSource::~InterfaceSource() = default;

void InterfaceSource::activate(const InterfaceOptions& o) {
    pcap* const handle = handle_.get();
    pcap_set_snaplen(handle, static_cast<int>(o.snaplen));
    pcap_set_promisc(handle, o.is_promiscuous ? 1 : 0);
    pcap_set_timeout(handle, InterfaceOptions::block_timeout_ms);
    pcap_set_buffer_size(handle, static_cast<int>(o.buffer_octets));
    // Where the device's driver has no nanoseconds the kernel's clock has.
    if (has_nanoseconds_) pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
    const int status = pcap_activate(handle);
    if (status < 0) throw activation_error(name_, status, pcap_geterr(handle));
    has_nanoseconds_ = pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO;
}

void InterfaceSource::set_filter(const InterfaceOptions& o) {
    pcap* const handle = handle_.get();
    bpf_program program{};
    // The user's part alone first, so that a complaint is about what he wrote.
    for (const std::string& text : {o.extra_filter, kernel_filter(o.ports, o.extra_filter, link_type_)}) {
        if (text.empty()) continue;
        if (pcap_compile(handle, &program, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
            throw Error(fmt::format("capture filter '{}' is wrong: {}; see pcap-filter(7)", text,
                                    pcap_geterr(handle)),
                        ExitCode::usage);
        }
        const int status = pcap_setfilter(handle, &program);
        pcap_freecode(&program);
        if (status != 0) {
            throw Error(fmt::format("cannot set the capture filter on '{}': {}", name_, pcap_geterr(handle)));
        }
    }
}

int InterfaceSource::join_fanout(std::optional<int> group) {
    const int fd = pcap_fileno(handle_.get());
    const int mode = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG;
    // The kernel finds a number for the first one, as any number of our own may be another program's; the
    // first that it finds after a start of the machine is 0.
    int argument = group ? *group | mode << 16 : (mode | PACKET_FANOUT_FLAG_UNIQUEID) << 16;
    if (::setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument, sizeof argument) != 0) {
        throw Error(fmt::format("cannot share the packets of '{}' between workers: {}; use --workers 1",
                                name_, errno_text(errno)));
    }
    if (group) return *group;
    socklen_t size = sizeof argument;
    if (::getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument, &size) != 0) {
        throw Error(fmt::format("cannot share the packets of '{}' between workers: {}; use --workers 1",
                                name_, errno_text(errno)));
    }
    return argument & 0xffff;
}

// Goes through libpcap as its callback's argument.  libpcap is C: no exception may pass it.
struct InterfaceSource::Reading {
    InterfaceSource& source;
    const Take& take;
    Packet packet;
    std::size_t count = 0;
    bool is_stopped = false;
    std::exception_ptr failure;

    // NOLINTNEXTLINE(readability-non-const-parameter): the signature is libpcap's
    static void see(u_char* user, const pcap_pkthdr* header, const u_char* octets) {
        auto& self = *reinterpret_cast<Reading*>(user);
        // libpcap may have further packets at hand when it is told to stop, and goes on for some.
        if (self.is_stopped) return;
        ++self.count;
        Packet& packet = self.packet;
        const std::int64_t ns_per_tick = packet.has_nanoseconds ? 1 : 1000;
        packet.time.ns =
            std::int64_t{header->ts.tv_sec} * 1'000'000'000 + std::int64_t{header->ts.tv_usec} * ns_per_tick;
        packet.original_length = header->len;
        packet.data = {octets, header->caplen};
        try {
            if (self.take(packet)) return;
        } catch (...) {
            self.failure = std::current_exception();
        }
        self.is_stopped = true;
        pcap_breakloop(self.source.handle_.get());
    }
};

std::size_t InterfaceSource::read(const Take& take) {
    // Enough to be worth the call, few enough to look around between two.
    constexpr int at_most = 10'000;
    Reading reading{*this, take, {}, 0, false, {}};
    reading.packet.link_type = link_type_;
    reading.packet.has_nanoseconds = has_nanoseconds_;
    const int status =
        pcap_dispatch(handle_.get(), at_most, Reading::see, reinterpret_cast<u_char*>(&reading));
    if (reading.failure) std::rethrow_exception(reading.failure);
    if (status == PCAP_ERROR) {
        throw Error(fmt::format("capturing on '{}' ended: {}", name_, pcap_geterr(handle_.get())));
    }
    return reading.count;
}

void InterfaceSource::wait(int milliseconds) {
    pollfd state{fd_, POLLIN, 0};
    ::poll(&state, 1, milliseconds);
}

LiveCounts InterfaceSource::counts() {
    pcap_stat stat{};
    // The kernel's counters have 32 bits, and libpcap adds them up in as many.
    if (pcap_stats(handle_.get(), &stat) == 0) {
        const auto step = [](std::uint64_t& total, std::uint32_t now) {
            total += static_cast<std::uint32_t>(now - static_cast<std::uint32_t>(total));
        };
        step(last_counts_.received, stat.ps_recv);
        step(last_counts_.dropped_by_kernel, stat.ps_drop);
        step(last_counts_.dropped_by_interface, stat.ps_ifdrop);
    }
    return last_counts_;
}

std::vector<InterfaceInfo> list_interfaces() {
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_if_t* first = nullptr;
    if (pcap_findalldevs(&first, reason) != 0) {
        throw Error(fmt::format("cannot list the interfaces: {}", reason));
    }
    const std::unique_ptr<pcap_if_t, void (*)(pcap_if_t*)> list(first, pcap_freealldevs);
    std::vector<InterfaceInfo> interfaces;
    for (const pcap_if_t* i = first; i; i = i->next) {
        InterfaceInfo info;
        info.name = i->name;
        if (i->description) info.description = i->description;
        info.is_up = (i->flags & PCAP_IF_UP) != 0;
        info.is_loopback = (i->flags & PCAP_IF_LOOPBACK) != 0;
        for (const pcap_addr* a = i->addresses; a; a = a->next) {
            std::string text = address_text(a->addr);
            if (!text.empty()) info.addresses.push_back(std::move(text));
        }
        interfaces.push_back(std::move(info));
    }
    return interfaces;
}

}  // namespace hepcap::capture
