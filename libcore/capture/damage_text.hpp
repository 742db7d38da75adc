// Damage as a sentence: the file, the cause, where it is, and what was read all the same.
#pragma once

#include <cstdint>
#include <string>

#include "capture/byte_stream.hpp"
#include "capture/damage.hpp"
#include "capture/file_format.hpp"

namespace hepcap::capture {

// Why nothing can be read of an input with this head.
std::string refusal_sentence(const std::string& name, FileFormat format, Bytes head);

// What is wrong with the file; empty where nothing is.  `packets` were numbered before the damage.
std::string damage_sentence(const std::string& name, const Damage& damage, const Damage& left_out,
                            const ByteStream& stream, std::uint64_t packets);

}  // namespace hepcap::capture
