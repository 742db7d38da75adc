#include "capture/file_source.hpp"

#include <utility>

#include "base/error.hpp"
#include "capture/damage_text.hpp"
#include "capture/file_format.hpp"

namespace hepcap::capture {

FileSource::FileSource(std::string name, Log& log, const StreamOptions& options)
    : name_(std::move(name)), log_(log), stream_(name_, options) {
    find_format();
}

FileSource::FileSource(std::string name, Log& log, ReadFunction read)
    : name_(std::move(name)), log_(log), stream_(std::move(read)) {
    find_format();
}

void FileSource::find_format() {
    const Bytes head = stream_.ensure(longest_magic);
    const FileFormat format = recognise(head);
    Damage damage;
    if (format == FileFormat::pcap) {
        damage = reader_.emplace<PcapReader>(stream_).damage();
    } else if (format == FileFormat::pcapng) {
        damage = reader_.emplace<PcapngReader>(stream_).damage();
    } else if (stream_.failure() == StreamFailure::none) {
        throw Error(refusal_sentence(name_, format, head));
    } else {
        damage.cause = DamageCause::cut_file_header;
    }
    // A stream that fails behind the file header is reported when reading gets there.
    if (damage.cause != DamageCause::none) throw Error(damage_sentence(name_, damage, {}, stream_, 0));
}

bool FileSource::next(Packet& packet) {
    bool has_packet = false;
    if (auto* pcap = std::get_if<PcapReader>(&reader_)) {
        has_packet = pcap->next(packet);
    } else if (auto* pcapng = std::get_if<PcapngReader>(&reader_)) {
        has_packet = pcapng->next(packet);
    }
    if (has_packet) {
        packet.origin.file = name_;
        return true;
    }
    finish();
    return false;
}

void FileSource::finish() {
    if (is_finished_) return;
    is_finished_ = true;
    std::string sentence;
    if (const auto* pcap = std::get_if<PcapReader>(&reader_)) {
        sentence = damage_sentence(name_, pcap->damage(), {}, stream_, pcap->packets());
    } else if (const auto* pcapng = std::get_if<PcapngReader>(&reader_)) {
        sentence = damage_sentence(name_, pcapng->damage(), pcapng->left_out(), stream_, pcapng->packets());
    }
    if (sentence.empty()) return;
    is_damaged_ = true;
    log_.error(sentence);
}

}  // namespace hepcap::capture
