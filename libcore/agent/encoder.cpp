#include "agent/encoder.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <numeric>

namespace hepcap::agent {

Bytes Encoder::encode(const record::Record& record, std::optional<Timestamp> time) {
    if (const auto cause = builder_.build(record, message_)) {
        ++unsendable_[static_cast<std::size_t>(*cause)];
        return {};
    }
    if (time) message_.time = *time;
    if (options_.capture_agent_id) {
        message_.has_capture_agent_id = true;
        message_.capture_agent_id = *options_.capture_agent_id;
    }
    if (!options_.capture_agent_name.empty()) message_.capture_agent_name = options_.capture_agent_name;
    message_.auth_key = options_.auth_key;

    octets_.clear();
    const auto size = append_message();
    if (!size) {
        ++misfits_[static_cast<std::size_t>(size.error())];
        return {};
    }
    return octets_;
}

Result<std::size_t, hep::Misfit> Encoder::append_message() {
    if (options_.version == 1) return hep::encode_v1(message_, octets_);
    if (options_.version == 2) return hep::encode_v2(message_, octets_);
    const Bytes compressed = options_.compress ? deflater_.deflate(message_.payload) : Bytes{};
    return hep::encode_v3_compressed(message_, compressed, octets_);
}

std::uint64_t Encoder::refused() const {
    return std::accumulate(unsendable_.begin(), unsendable_.end(), std::uint64_t{0}) +
           std::accumulate(misfits_.begin(), misfits_.end(), std::uint64_t{0}) - other_kinds();
}

std::string Encoder::refused_text() const {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < unsendable_.size(); ++i) {
        const auto cause = static_cast<record::Unsendable>(i);
        if (unsendable_[i] == 0 || cause == record::Unsendable::other_kind) continue;
        parts.push_back(fmt::format("{} {}", unsendable_[i], record::name(cause)));
    }
    for (std::size_t i = 0; i < misfits_.size(); ++i) {
        if (misfits_[i] == 0) continue;
        parts.push_back(fmt::format("{} {}", misfits_[i], hep::misfit_name(static_cast<hep::Misfit>(i))));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace hepcap::agent
