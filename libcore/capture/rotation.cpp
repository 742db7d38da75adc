#include "capture/rotation.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "capture/savefile_name.hpp"

namespace hepcap::capture {

namespace {

struct OldFile {
    std::string path;
    std::int64_t modified = 0;  // seconds
    std::uint64_t octets = 0;
};

// The finished files of this name, the newest first.
std::vector<OldFile> finished_files(const std::string& pattern) {
    std::vector<OldFile> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory_of(pattern), error)) {
        const std::string path = entry.path().string();
        struct stat status {};
        if (!is_made_by(base_of(pattern), entry.path().filename().string())) continue;
        if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        files.push_back({path, status.st_mtim.tv_sec, static_cast<std::uint64_t>(status.st_size)});
    }
    std::sort(files.begin(), files.end(), [](const OldFile& a, const OldFile& b) {
        return a.modified != b.modified ? a.modified > b.modified : a.path > b.path;
    });
    return files;
}

}  // namespace

RotatingWriter::RotatingWriter(RotationOptions options, Timestamp now, Log& log)
    : options_(std::move(options)),
      log_(log),
      out_([this](std::string_view octets) { write_to_file(octets); }) {
    options_.check();
    open(now);
}

void RotationOptions::check() const {
    const auto refuse = [](const char* sentence) { throw Error(sentence, ExitCode::usage); };
    dated_name(name, {});
    struct stat status {};
    if (is_rotating() && ::stat(name.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        throw Error(fmt::format("'{}' is no regular file: -C and -G cannot change it", name),
                    ExitCode::usage);
    }
    if (file_count > 0 && !is_rotating()) refuse("-W says how many files -C or -G makes; give one of them");
    if (file_count > 0 && max_octets > 0 && period_seconds > 0)
        refuse("-W is a ring with -C and an end with -G: with both it could be either; leave one out");
    const bool is_keeping = keep_days > 0 || keep_octets > 0;
    if (is_keeping && directory_of(name).find('%') != std::string::npos)
        refuse(
            "--keep-days and --keep-bytes look in one directory: put the codes of -w into the file's name "
            "only");
    if (is_keeping && is_ring())
        refuse("a ring of -C and -W keeps what it keeps; leave out --keep-days and --keep-bytes");
}

std::string RotatingWriter::next_name(Timestamp now) {
    std::string dated = dated_name(options_.name, now);
    if (options_.is_ring()) {
        const unsigned width = static_cast<unsigned>(fmt::formatted_size("{}", options_.file_count - 1));
        return numbered_name(dated, files_ % options_.file_count, width);
    }
    const bool is_overwriting = is_first_ && !options_.is_rotating();
    if (is_overwriting) return dated;
    // From the number of the last one on: the names before are taken.
    if (dated != last_dated_) number_ = 0;
    last_dated_ = dated;
    std::string name = number_ == 0 ? dated : numbered_name(dated, number_);
    while (is_taken(name)) name = numbered_name(dated, ++number_);
    return name;
}

void RotatingWriter::open(Timestamp now) {
    file_ = std::make_unique<PartFile>(next_name(now), [this](std::string_view piece, std::size_t accepted) {
        if (!writer_) return std::size_t{0};  // the file's header
        const WholePackets whole = whole_packets(options_.savefile.form, piece, accepted);
        safe_packets_ += whole.packets;
        return whole.octets;
    });
    if (!file_->rescued().empty()) {
        log_.warn(fmt::format("what an earlier run left unfinished of '{}' is kept as '{}'", file_->name(),
                              file_->rescued()));
    }
    is_first_ = false;
    safe_packets_ = 0;
    writer_.emplace(out_, options_.savefile);
    // The header is in the file before any packet: what a full disk leaves can be read.
    is_dirty_ = true;
    flush();
    if (options_.period_seconds > 0 && now >= due_) begin_period(now);
}

void RotatingWriter::begin_period(Timestamp now) {
    due_.ns = now.ns + static_cast<std::int64_t>(options_.period_seconds) * 1'000'000'000;
}

bool RotatingWriter::write(const Packet& packet, Timestamp now) {
    if (file_ && options_.max_octets > 0 && writer_->octets() > options_.max_octets &&
        writer_->packets() > 0) {
        close_file();
    }
    if (!file_) open(now);
    try {
        if (!writer_->write(packet)) return false;
    } catch (const Error&) {
        ++lost_;  // this one
        give_up_file();
        throw;
    }
    ++packets_;
    is_dirty_ = true;
    return true;
}

void RotatingWriter::write_to_file(std::string_view octets) {
    file_->write(octets);
    if (file_->is_whole() && writer_) safe_packets_ = writer_->packets();
}

void RotatingWriter::flush() {
    if (!file_ || !is_dirty_) return;
    is_dirty_ = false;
    try {
        out_.flush();
        file_->flush();
    } catch (const Error&) {
        give_up_file();
        throw;
    }
}

void RotatingWriter::tick(Timestamp now) {
    if (!file_ || options_.period_seconds == 0 || now < due_) return;
    if (writer_->packets() == 0 && options_.file_count == 0) {
        begin_period(now);  // the file waits for a packet
        return;
    }
    close_file();
    is_complete_ = options_.file_count > 0 && files_ >= options_.file_count;
}

void RotatingWriter::rotate() {
    if (file_ && writer_->packets() > 0) close_file();
}

void RotatingWriter::close() {
    if (file_) close_file();
}

void RotatingWriter::close_file() {
    flush();
    const std::string name = file_->name();
    try {
        file_->close(name);
    } catch (const Error&) {
        give_up_file();
        throw;
    }
    const bool is_regular = file_->is_regular();
    coarsened_ += writer_->coarsened();
    writer_.reset();
    file_.reset();
    ++files_;
    if (!is_regular) return;
    if (options_.on_close) options_.on_close(name);
    if (options_.keep_days > 0 || options_.keep_octets > 0) remove_old(name);
}

// After a failure to write: the file keeps what is whole in it, and its name.
void RotatingWriter::give_up_file() {
    const std::uint64_t missing = writer_ ? writer_->packets() - safe_packets_ : 0;
    lost_ += missing;
    packets_ -= missing;
    const std::unique_ptr<PartFile> file = std::move(file_);
    writer_.reset();
    try {
        if (safe_packets_ == 0) return;
        file->close(file->name());
        ++files_;
        if (file->is_regular() && options_.on_close) options_.on_close(file->name());
    } catch (const Error& error) {
        log_.error(error.what());
    }
}

void RotatingWriter::remove_old(const std::string& newest) {
    constexpr std::int64_t day = 24 * 60 * 60;
    const std::int64_t now = ::time(nullptr);
    std::uint64_t sum = 0;
    for (const OldFile& file : finished_files(options_.name)) {
        sum += file.octets;
        const bool is_old = options_.keep_days > 0 &&
                            now - file.modified > static_cast<std::int64_t>(options_.keep_days) * day;
        const bool is_too_much = options_.keep_octets > 0 && sum > options_.keep_octets;
        if ((!is_old && !is_too_much) || base_of(file.path) == base_of(newest)) continue;
        if (::unlink(file.path.c_str()) == 0) ++removed_;
    }
}

}  // namespace hepcap::capture
