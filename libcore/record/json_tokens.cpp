#include "record/json_tokens.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <new>

namespace hepcap::record {

static_assert(JsonTokens::slack >= simdjson::SIMDJSON_PADDING);

struct JsonTokens::State {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> kernel;  // for the processor it runs on
};

JsonTokens::JsonTokens() : state_(std::make_unique<State>()) {}
JsonTokens::~JsonTokens() = default;
JsonTokens::JsonTokens(JsonTokens&&) noexcept = default;
JsonTokens& JsonTokens::operator=(JsonTokens&&) noexcept = default;

std::span<const std::uint32_t> JsonTokens::find(std::string_view text) {
    auto& kernel = state_->kernel;
    if (!kernel || kernel->capacity() < text.size()) {
        // Rounded up, so that lines that grow one by one do not allocate each time.
        constexpr std::size_t least = std::size_t{64} * 1024;
        const std::size_t capacity = std::bit_ceil(std::max(text.size(), least));
        constexpr std::size_t depth = 1;  // of simdjson's second pass, which is not used
        kernel.reset();
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, depth,
                                                                                    kernel)) {
            throw std::bad_alloc();
        }
    }
    const auto* const octets = reinterpret_cast<const std::uint8_t*>(text.data());
    if (kernel->stage1(octets, text.size(), simdjson::stage1_mode::regular)) return {};
    return {kernel->structural_indexes.get(), kernel->n_structural_indexes};
}

char* JsonTokens::unescape(const char* from, char* to) const {
    return reinterpret_cast<char*>(state_->kernel->parse_string(reinterpret_cast<const std::uint8_t*>(from),
                                                                reinterpret_cast<std::uint8_t*>(to)));
}

}  // namespace hepcap::record
