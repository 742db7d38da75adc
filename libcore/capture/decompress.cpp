#include "capture/decompress.hpp"

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <utility>

namespace hepcap::capture {

namespace {

// 32 MiB.  zstd writes windows up to 8 MiB unless told --ultra or --long.
constexpr int zstd_window_log = 25;

// RFC 8878 section 3.1.1.2.  The library asks for a block and the header of the next one at a time.
constexpr std::size_t zstd_block_header = 3;

uInt clamp_to_uint(std::size_t n) {
    return static_cast<uInt>(std::min<std::size_t>(n, std::numeric_limits<uInt>::max()));
}

// RFC 1952: a gzip file is one or more members, each with its own header and checksum.
class Gunzip final : public Decompressor {
public:
    Gunzip(Bytes head, ReadFunction source, std::size_t input_size)
        : Decompressor(head, std::move(source), input_size) {
        if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
    }
    ~Gunzip() override { inflateEnd(&stream_); }

    std::size_t read(std::uint8_t* out, std::size_t n) override {
        if (failure() != StreamFailure::none || is_done_) return 0;
        for (;;) {
            // Output may still be waiting inside the library when all input has been taken.
            if (begin_ == end_ && !has_more_output_ && !refill()) {
                if (failure() != StreamFailure::none) return 0;
                is_done_ = true;
                return is_between_members_ ? 0 : fail(StreamFailure::cut_gzip);
            }
            if (is_between_members_ && !starts_member()) return 0;
            const std::size_t produced = inflate_into(out, n);
            has_more_output_ = produced == n && !is_between_members_;
            if (produced > 0 || failure() != StreamFailure::none) return produced;
        }
    }

private:
    // After a member comes another, or zeros that fill up a tape block, or what is no gzip.
    bool starts_member() {
        if (input_[begin_] == 0x1f) {
            inflateReset(&stream_);
            is_between_members_ = false;
            return true;
        }
        is_done_ = true;
        do {
            const auto stop = input_.begin() + static_cast<std::ptrdiff_t>(end_);
            if (std::any_of(input_.begin() + static_cast<std::ptrdiff_t>(begin_), stop,
                            [](std::uint8_t octet) { return octet != 0; })) {
                fail(StreamFailure::gzip_trailer);
                return false;
            }
            begin_ = end_;
        } while (refill());
        return false;
    }

    std::size_t inflate_into(std::uint8_t* out, std::size_t n) {
        stream_.next_in = input_.data() + begin_;
        stream_.avail_in = clamp_to_uint(end_ - begin_);
        stream_.next_out = out;
        stream_.avail_out = clamp_to_uint(n);
        const int status = inflate(&stream_, Z_SYNC_FLUSH);
        begin_ = static_cast<std::size_t>(stream_.next_in - input_.data());
        if (status == Z_STREAM_END) {
            is_between_members_ = true;
        } else if (status == Z_MEM_ERROR) {
            throw std::bad_alloc();
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            fail(StreamFailure::corrupt_gzip);
        }
        return static_cast<std::size_t>(stream_.next_out - out);
    }

    z_stream stream_{};
    bool is_between_members_ = false;
    bool has_more_output_ = false;
    bool is_done_ = false;
};

// RFC 8878: any number of frames; the library steps from one to the next by itself.
class Unzstd final : public Decompressor {
public:
    Unzstd(Bytes head, ReadFunction source, std::size_t input_size)
        : Decompressor(head, std::move(source), input_size), stream_(ZSTD_createDStream()) {
        if (!stream_) throw std::bad_alloc();
        ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, zstd_window_log);
    }

    std::size_t read(std::uint8_t* out, std::size_t n) override {
        if (failure() != StreamFailure::none) return 0;
        for (;;) {
            if (begin_ == end_ && !has_more_output_ && !refill()) {
                if (failure() != StreamFailure::none || is_between_frames_) return 0;
                return fail(StreamFailure::cut_zstd);
            }
            // A call that fails does not say what it has put out: hence no more than one block a call,
            // and nothing new before all of the last one is out.
            const std::size_t offered = has_more_output_ ? 0 : std::min(end_ - begin_, next_size_);
            ZSTD_inBuffer from{input_.data(), begin_ + offered, begin_};
            ZSTD_outBuffer to{out, n, 0};
            const std::size_t status = ZSTD_decompressStream(stream_.get(), &to, &from);
            begin_ = from.pos;
            if (ZSTD_isError(status)) return fail(cause_of(status));
            is_between_frames_ = status == 0;
            next_size_ =
                std::max<std::size_t>(status > zstd_block_header ? status - zstd_block_header : status, 1);
            has_more_output_ = to.pos == to.size && !is_between_frames_;
            if (to.pos > 0) return to.pos;
        }
    }

private:
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };

    static StreamFailure cause_of(std::size_t status) {
        return ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge
                   ? StreamFailure::zstd_window
                   : StreamFailure::corrupt_zstd;
    }

    std::unique_ptr<ZSTD_DStream, Free> stream_;
    std::size_t next_size_ = 1;
    bool is_between_frames_ = false;
    bool has_more_output_ = false;
};

}  // namespace

std::string_view failure_text(StreamFailure failure) {
    switch (failure) {
        case StreamFailure::none: return "";
        case StreamFailure::read_error: return "it cannot be read further";
        case StreamFailure::corrupt_gzip: return "its gzip data is corrupt";
        case StreamFailure::cut_gzip: return "its gzip data is cut off";
        case StreamFailure::gzip_trailer: return "after its gzip data comes something else";
        case StreamFailure::corrupt_zstd: return "its zstd data is corrupt";
        case StreamFailure::cut_zstd: return "its zstd data is cut off";
        case StreamFailure::zstd_window:
            return "its zstd data needs a window of more than 32 MiB (decompress it with zstd -dc --long=31)";
    }
    return "";
}

Decompressor::Decompressor(Bytes head, ReadFunction source, std::size_t input_size)
    : input_(std::max(input_size, head.size())), end_(head.size()), source_(std::move(source)) {
    std::copy(head.begin(), head.end(), input_.begin());
}

bool Decompressor::refill() {
    begin_ = end_ = 0;
    const ssize_t got = source_(input_.data(), input_.size());
    if (got < 0) {
        read_errno_ = errno;
        failure_ = StreamFailure::read_error;
    }
    if (got <= 0) return false;
    end_ = static_cast<std::size_t>(got);
    return true;
}

std::unique_ptr<Decompressor> make_gunzip(Bytes head, ReadFunction source, std::size_t input_size) {
    return std::make_unique<Gunzip>(head, std::move(source), input_size);
}

std::unique_ptr<Decompressor> make_unzstd(Bytes head, ReadFunction source, std::size_t input_size) {
    return std::make_unique<Unzstd>(head, std::move(source), input_size);
}

}  // namespace hepcap::capture
