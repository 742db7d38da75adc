#include "sink/null_sink.hpp"

namespace hepcap::sink {
namespace {

class NullSink final : public Sink {
public:
    explicit NullSink(const SinkOptions& options) : Sink(options) {}

    void flush() override {}
    void settle() override {}
    void close() override {}

protected:
    // Makes the row's values, as a database would ask for them.
    void insert(std::string_view, Layout layout, const record::Record& record,
                std::span<const std::string_view>) override {
        for (const Column& column : columns(layout)) (void)values_.value_of(column, record);
        ++counts_.inserted;
    }

private:
    RowValues values_;
};

}  // namespace

std::unique_ptr<Sink> open_null(std::string_view, const SinkOptions& options, Log&) {
    return std::make_unique<NullSink>(options);
}

}  // namespace hepcap::sink
