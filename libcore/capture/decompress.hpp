// gzip and zstd as streams: compressed octets are pulled from a ReadFunction, plain ones handed out.
// Each gives what it has as soon as it has something, so that a compressed pipe is as live as a plain
// one.  What is wrong with the data is a value; what came before it has then been handed out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "capture/raw_input.hpp"

namespace hepcap::capture {

// Why a stream ended before its end.
enum class StreamFailure : std::uint8_t {
    none,
    read_error,
    corrupt_gzip,
    cut_gzip,
    gzip_trailer,  // octets after the last gzip member that are neither gzip nor padding zeros
    corrupt_zstd,
    cut_zstd,
    zstd_window,  // made with a window that would take more memory than hepcap gives
};

// "its gzip data is cut off" and so on.
std::string_view failure_text(StreamFailure failure);

// Virtual, although it is neither a source nor a sink of packets: it is asked once per 64 KiB, and the
// two libraries stay out of every header.
class Decompressor {
public:
    virtual ~Decompressor() = default;

    // Gives 1..n octets, 0 at the end and after a failure.
    virtual std::size_t read(std::uint8_t* out, std::size_t n) = 0;

    StreamFailure failure() const { return failure_; }
    int read_errno() const { return read_errno_; }

protected:
    // `head` is what was read of the stream already, to find out what it is.
    Decompressor(Bytes head, ReadFunction source, std::size_t input_size);

    // More compressed octets into `input_`; false at their end or where reading failed.
    bool refill();

    std::size_t fail(StreamFailure failure) {
        failure_ = failure;
        return 0;
    }

    std::vector<std::uint8_t> input_;
    std::size_t begin_ = 0;  // of what is still to be decompressed in input_
    std::size_t end_ = 0;

private:
    ReadFunction source_;
    StreamFailure failure_ = StreamFailure::none;
    int read_errno_ = 0;
};

// `input_size` octets of compressed data are read at a time.
std::unique_ptr<Decompressor> make_gunzip(Bytes head, ReadFunction source, std::size_t input_size);
std::unique_ptr<Decompressor> make_unzstd(Bytes head, ReadFunction source, std::size_t input_size);

}  // namespace hepcap::capture
