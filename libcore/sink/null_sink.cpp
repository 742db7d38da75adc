#include "sink/null_sink.hpp"

namespace hepcap::sink {
namespace {

class NullBackend final : public Backend {
public:
    void store(const RowGroup& rows) override { pending_ += rows.size(); }
    void commit() override {
        counts_.inserted += pending_;
        pending_ = 0;
    }
    void settle() override { commit(); }
    void close() override { commit(); }

private:
    std::uint64_t pending_ = 0;
};

}  // namespace

std::unique_ptr<Backend> open_null(std::string_view, const SinkOptions&, Log&) {
    return std::make_unique<NullBackend>();
}

}  // namespace hepcap::sink
