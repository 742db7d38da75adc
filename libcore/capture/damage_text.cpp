#include "capture/damage_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "capture/raw_input.hpp"

namespace hepcap::capture {

namespace {

// "the 62 packets before it were read"
std::string what_was_read(std::uint64_t packets) {
    if (packets == 0) return "no packet could be read";
    if (packets == 1) return "the packet before it was read";
    return fmt::format("the {} packets before it were read", packets);
}

std::string first_octets(Bytes head) {
    constexpr std::size_t shown = 8;
    return fmt::format("{:02x}", fmt::join(head.first(std::min(head.size(), shown)), " "));
}

std::string cause_sentence(const std::string& file, const Damage& damage) {
    switch (damage.cause) {
        case DamageCause::cut_file_header: return fmt::format("{} is cut off in its file header", file);
        case DamageCause::unsupported_version:
            return fmt::format("{} has version {}.{} of its format, which hepcap does not read (offset {})",
                               file, damage.value >> 16, damage.value & 0xffff, damage.offset);
        case DamageCause::cut_packet:
            return fmt::format("{} is cut off in the middle of packet {} (offset {})", file, damage.frame,
                               damage.offset);
        case DamageCause::packet_too_long:
            return fmt::format("{} is damaged: packet {} (offset {}) claims to be {} octets long", file,
                               damage.frame, damage.offset, damage.value);
        case DamageCause::cut_block:
            return fmt::format("{} is cut off in the middle of a block (offset {})", file, damage.offset);
        case DamageCause::bad_block_length:
            return fmt::format("{} is damaged: the block at offset {} claims to be {} octets long", file,
                               damage.offset, damage.value);
        case DamageCause::block_ends_differ:
            return fmt::format("{} is damaged: the block at offset {} gives two different lengths", file,
                               damage.offset);
        case DamageCause::bad_section_header:
            return fmt::format("{} is damaged: the section header at offset {} has no byte-order magic", file,
                               damage.offset);
        case DamageCause::bad_interface:
            return fmt::format("{} is damaged: the interface description at offset {} does not add up", file,
                               damage.offset);
        case DamageCause::too_many_interfaces:
            return fmt::format("{} describes more than {} interfaces (offset {})", file, damage.value,
                               damage.offset);
        case DamageCause::none:
        case DamageCause::left_out: break;
    }
    return {};
}

std::string left_out_sentence(const std::string& file, const Damage& left_out) {
    const char* form = left_out.value == 1
                           ? "{} is damaged: {} packet block was left out, packet {} (offset {})"
                           : "{} is damaged: {} packet blocks were left out, the first packet {} (offset {})";
    return fmt::format(fmt::runtime(form), file, left_out.value, left_out.frame, left_out.offset);
}

}  // namespace

std::string refusal_sentence(const std::string& name, FileFormat format, Bytes head) {
    const std::string file = quoted_input(name);
    if (format == FileFormat::empty) return file + " is empty; it is no capture file";
    if (format == FileFormat::records) {
        return file + " is no capture file but looks like records, which hepcap-load reads";
    }
    if (const std::string_view command = decompress_command(format); !command.empty()) {
        return fmt::format("{} is {} data; decompress it first: {} {} | hepcap-decode", file,
                           hepcap::capture::name(format), command, name == "-" ? "FILE" : name);
    }
    if (format == FileFormat::gzip || format == FileFormat::zstd) {
        return fmt::format("{} is compressed more than once; decompress it first", file);
    }
    if (format != FileFormat::unknown) {
        return fmt::format("{} is a {} file, which hepcap does not read; convert it with editcap", file,
                           hepcap::capture::name(format));
    }
    return fmt::format(
        "{} is no pcap or pcapng file (it starts with {}); if it is a capture of another format, "
        "convert it with editcap",
        file, first_octets(head));
}

std::string damage_sentence(const std::string& name, const Damage& damage, const Damage& left_out,
                            const ByteStream& stream, std::uint64_t packets) {
    const std::string file = quoted_input(name);
    std::string sentence;
    if (stream.failure() != StreamFailure::none) {
        // A file that a broken compressed stream cuts off is not cut off by itself.
        sentence = fmt::format("{} is damaged: {} (offset {} of what it holds)", file,
                               stream.failure_sentence(), stream.position());
    } else {
        sentence = cause_sentence(file, damage);
    }
    if (!sentence.empty()) sentence += "; " + what_was_read(packets - left_out.value);
    if (left_out.value > 0) {
        if (!sentence.empty()) sentence += "; ";
        sentence += left_out_sentence(file, left_out);
    }
    return sentence;
}

}  // namespace hepcap::capture
