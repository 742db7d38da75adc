#include "capture/zstd_frames.hpp"

#include <zstd.h>

#include <new>

namespace hepcap::capture {

namespace {

// Large enough to compress as well as one frame would, small enough that little is lost with one.
constexpr std::uint64_t frame_octets = 4U << 20;

}  // namespace

struct ZstdFrames::Context {
    ZSTD_CCtx* handle = ZSTD_createCCtx();
};

ZstdFrames::ZstdFrames() : context_(new Context), out_(ZSTD_CStreamOutSize()) {
    if (!context_->handle) {
        delete context_;
        throw std::bad_alloc();
    }
    ZSTD_CCtx_setParameter(context_->handle, ZSTD_c_checksumFlag, 1);
}

ZstdFrames::~ZstdFrames() {
    ZSTD_freeCCtx(context_->handle);
    delete context_;
}

std::string_view ZstdFrames::append(std::string_view octets) {
    in_frame_ += octets.size();
    return run(octets, in_frame_ >= frame_octets ? ZSTD_e_end : ZSTD_e_continue);
}

std::string_view ZstdFrames::flush() { return in_frame_ > 0 ? run({}, ZSTD_e_flush) : std::string_view{}; }

std::string_view ZstdFrames::end() { return in_frame_ > 0 ? run({}, ZSTD_e_end) : std::string_view{}; }

std::string_view ZstdFrames::run(std::string_view octets, int directive) {
    const auto mode = static_cast<ZSTD_EndDirective>(directive);
    if (mode == ZSTD_e_end) in_frame_ = 0;
    ZSTD_inBuffer in{octets.data(), octets.size(), 0};
    std::size_t used = 0;
    for (;;) {
        ZSTD_outBuffer out{out_.data() + used, out_.size() - used, 0};
        // Its only errors are of memory and of a stage used wrongly.
        const std::size_t left = ZSTD_compressStream2(context_->handle, &out, &in, mode);
        if (ZSTD_isError(left)) throw std::bad_alloc();
        used += out.pos;
        const bool is_done = mode == ZSTD_e_continue ? in.pos == in.size : left == 0;
        if (is_done) return {out_.data(), used};
        if (used == out_.size()) out_.resize(2 * out_.size());
    }
}

}  // namespace hepcap::capture
