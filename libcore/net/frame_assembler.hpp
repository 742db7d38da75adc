// Frames out of a stream that arrives in pieces: whole frames are handed on where they lie, only the
// unfinished one at the end of a piece is kept.  Each octet is copied at most once, however small the
// pieces are, and memory grows with what has arrived, never with what a frame claims to be.
//
//     assembler.feed(piece, size_of, take);   // false: no frame begins where one should
#pragma once

#include <algorithm>
#include <vector>

#include "base/bytes.hpp"

namespace hepcap::net {

class FrameAssembler {
public:
    // What is kept of an unfinished frame; `unfinished` is valid until the next call of feed().
    std::size_t pending() const { return pending_.size(); }
    Bytes unfinished() const { return pending_; }

    // `size_of(Bytes beginning)` gives the size of a frame, 0 where more octets are needed to tell, or a
    // negative number for what is no frame; `take(Bytes frame)` gets each.  Returns false at what is no
    // frame: then nothing more may be fed.
    template <class SizeOf, class Take>
    bool feed(Bytes piece, SizeOf&& size_of, Take&& take) {
        while (!piece.empty()) {
            if (!pending_.empty()) {
                if (!complete(piece, size_of)) return false;
                if (size_ == 0 || pending_.size() < size_) continue;
                take(Bytes(pending_));
                forget();
                continue;
            }
            const std::ptrdiff_t size = size_of(piece);
            if (size < 0) return false;
            if (size == 0 || static_cast<std::size_t>(size) > piece.size()) {
                pending_.assign(piece.begin(), piece.end());
                size_ = static_cast<std::size_t>(size);
                return true;
            }
            take(piece.first(static_cast<std::size_t>(size)));
            piece = piece.subspan(static_cast<std::size_t>(size));
        }
        return true;
    }

private:
    // A connection that had one large frame need not keep its memory for ever.
    static constexpr std::size_t kept_capacity = 4096;

    // Moves octets from the piece to the unfinished frame: one by one until its size is known, then all
    // that it lacks.
    template <class SizeOf>
    bool complete(Bytes& piece, SizeOf&& size_of) {
        const std::size_t lacking = size_ == 0 ? 1 : size_ - pending_.size();
        const std::size_t count = std::min(lacking, piece.size());
        pending_.insert(pending_.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
        piece = piece.subspan(count);
        if (size_ != 0) return true;
        const std::ptrdiff_t size = size_of(Bytes(pending_));
        if (size < 0) return false;
        size_ = static_cast<std::size_t>(size);
        return true;
    }

    void forget() {
        if (pending_.capacity() > kept_capacity) {
            std::vector<std::uint8_t>().swap(pending_);
        } else {
            pending_.clear();
        }
        size_ = 0;
    }

    std::vector<std::uint8_t> pending_;
    std::size_t size_ = 0;  // of the unfinished frame; 0 while not known
};

}  // namespace hepcap::net
