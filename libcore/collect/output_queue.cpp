#include "collect/output_queue.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/signals_blocked.hpp"

namespace hepcap::collect {

namespace {

constexpr std::size_t piece_size = 256 * 1024;
constexpr std::size_t kept_pieces = 8;
constexpr int pipe_size = 1024 * 1024;
constexpr int tick_ms = 250;
constexpr std::chrono::seconds longest_close{10};

bool is_same_file(int fd, const std::string& path) {
    struct stat open {};
    struct stat named {};
    return ::fstat(fd, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
           open.st_ino == named.st_ino;
}

// Another description of the same pipe, on which a write never blocks, so that a reader who has stopped
// cannot keep us from ending.  O_NONBLOCK on the one that we were given would be everybody's who has it.
FileDescriptor open_without_blocking(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode)) return {};
    return FileDescriptor(
        ::open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
}

}  // namespace

OutputQueue::OutputQueue(OutputOptions options, SharedTally& tally, std::function<void()> on_end)
    : options_(std::move(options)), tally_(tally), on_end_(std::move(on_end)) {
    if (options_.path.empty()) {
        // As base/output: a wide pipe saves half of the wake-ups, where it is one and may be widened.
        ::fcntl(fd_, F_SETPIPE_SZ, pipe_size);
        file_ = open_without_blocking(fd_);
        if (file_) fd_ = file_.get();
        return;
    }
    if (options_.period.count() > 0) {
        rotated_.emplace(options_.path, options_.preamble, options_.period);
        return;
    }
    open_file();
}

OutputQueue::~OutputQueue() {
    if (thread_.joinable()) close();
}

void OutputQueue::open_file() {
    FileDescriptor opened(::open(options_.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!opened) throw Error(fmt::format("cannot create '{}': {}", options_.path, errno_text(errno)));
    file_ = std::move(opened);
    fd_ = file_.get();
}

void OutputQueue::start() {
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
}

OutputQueue::Piece OutputQueue::new_piece(std::size_t size) {
    Piece piece;
    if (!spare_.empty() && size <= piece_size) {
        piece = std::move(spare_.back());
        spare_.pop_back();
        piece.octets.clear();
        piece.records = 0;
        return piece;
    }
    piece.octets.reserve(std::max(size, piece_size));
    return piece;
}

bool OutputQueue::put(std::string_view octets, std::uint64_t records) {
    if (octets.empty()) return true;
    bool was_empty = false;
    {
        std::unique_lock lock(mutex_);
        // Whatever its size, one block always has room where nothing else waits.
        const auto has_room = [&] {
            const std::size_t queued = queued_.load(std::memory_order_relaxed);
            return queued == 0 || queued + octets.size() <= options_.capacity;
        };
        if (!has_room()) {
            if (!options_.waits) return false;
            waiting_.fetch_add(1, std::memory_order_relaxed);
            has_room_.wait(lock, has_room);
            waiting_.fetch_sub(1, std::memory_order_relaxed);
        }
        was_empty = pieces_.empty();
        if (was_empty || pieces_.back().octets.capacity() - pieces_.back().octets.size() < octets.size()) {
            pieces_.push_back(new_piece(octets.size()));
        }
        Piece& last = pieces_.back();
        last.octets.insert(last.octets.end(), octets.begin(), octets.end());
        last.records += records;
        queued_.fetch_add(octets.size(), std::memory_order_relaxed);
    }
    if (was_empty) has_work_.notify_one();
    return true;
}

void OutputQueue::reopen() {
    const std::lock_guard lock(mutex_);
    wants_reopen_ = true;
    has_work_.notify_one();
}

void OutputQueue::close() {
    hurry();
    {
        const std::lock_guard lock(mutex_);
        is_closing_.store(true);
    }
    has_work_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void OutputQueue::run() {
    if (!rotated_) write_all(options_.preamble);
    std::unique_lock lock(mutex_);
    const auto has_turn = [this] { return !pieces_.empty() || is_closing_ || wants_reopen_; };
    while (true) {
        const auto due = rotated_ && !has_failed_ ? rotated_->due() : std::nullopt;
        if (!due) {
            has_work_.wait(lock, has_turn);
        } else if (!has_work_.wait_until(lock, *due, has_turn)) {
            lock.unlock();
            rotate([](RotatedFile& file) { file.tick(); });
            lock.lock();
            continue;
        }
        const bool reopens = std::exchange(wants_reopen_, false);
        if (pieces_.empty() && !reopens) break;  // closing
        std::optional<Piece> piece;
        if (!pieces_.empty()) {
            piece = std::move(pieces_.front());
            pieces_.pop_front();
        }
        lock.unlock();
        if (piece) write(*piece);
        if (reopens) replace_file();
        lock.lock();
        if (!piece) continue;
        queued_.fetch_sub(piece->octets.size(), std::memory_order_relaxed);
        if (spare_.size() < kept_pieces && piece->octets.capacity() <= 2 * piece_size)
            spare_.push_back(std::move(*piece));
        has_room_.notify_all();
    }
    lock.unlock();
    rotate([](RotatedFile& file) { file.end(); });
    if (file_ && ::close(file_.release()) != 0 && !has_failed_)
        fail(fmt::format("cannot write to {}: {}", name(), errno_text(errno)));
}

void OutputQueue::rotate(const std::function<void(RotatedFile&)>& action) {
    if (!rotated_ || has_failed_) return;
    try {
        action(*rotated_);
    } catch (const Error& e) {
        tally_.count_written_as_lost(rotated_->in_doubt());
        fail(e.what());
    }
}

void OutputQueue::replace_file() {
    if (rotated_) return rotate([](RotatedFile& file) { file.end(); });
    if (options_.path.empty() || has_failed_ || is_same_file(fd_, options_.path)) return;
    try {
        open_file();
        write_all(options_.preamble);
    } catch (const Error& e) {
        fail(e.what());
    }
}

void OutputQueue::write(const Piece& piece) {
    const std::string_view octets(piece.octets.data(), piece.octets.size());
    if (rotated_) {
        rotate([&](RotatedFile& file) { file.write(octets, piece.records); });
    } else if (!has_failed_) {
        write_to_file(octets);
    }
    if (has_failed_) {
        tally_.add(Drop::write_failed, piece.records);
    } else {
        tally_.add_written(piece.records);
    }
}

// A file of our own that takes only a part keeps nothing of it: what is in it is whole, and counted.
void OutputQueue::write_to_file(std::string_view octets) {
    struct stat status {};
    const bool is_ours = !options_.path.empty() && ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
    write_all(octets);
    if (!has_failed_ || !is_ours || !failure_) return;
    if (::ftruncate(fd_, status.st_size) == 0) *failure_ += "; what was written before is whole";
}

void OutputQueue::write_all(std::string_view octets) {
    auto last_progress = std::chrono::steady_clock::now();
    while (!octets.empty()) {
        const ssize_t written = ::write(fd_, octets.data(), octets.size());
        if (written >= 0) {
            octets.remove_prefix(static_cast<std::size_t>(written));
            last_progress = std::chrono::steady_clock::now();
        } else if (errno == EAGAIN) {
            pollfd ready{fd_, POLLOUT, 0};
            ::poll(&ready, 1, tick_ms);
            const bool is_patient = !is_hurried_.load(std::memory_order_relaxed);
            if (is_patient) last_progress = std::chrono::steady_clock::now();
            if (std::chrono::steady_clock::now() - last_progress > longest_close)
                return fail(
                    fmt::format("the reader of {} takes nothing; what was queued for it is lost", name()));
        } else if (errno != EINTR) {
            if (errno != EPIPE) return fail(fmt::format("cannot write to {}: {}", name(), errno_text(errno)));
            is_reader_gone_ = true;
            has_failed_ = true;
            return on_end_();
        }
    }
}

std::string OutputQueue::name() const {
    return options_.path.empty() ? "standard output" : fmt::format("'{}'", options_.path);
}

void OutputQueue::fail(std::string sentence) {
    has_failed_ = true;
    failure_ = std::move(sentence);
    on_end_();
}

}  // namespace hepcap::collect
