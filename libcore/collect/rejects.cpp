#include "collect/rejects.hpp"

#include "base/error.hpp"
#include "record/ndjson_writer.hpp"

namespace hepcap::collect {

template <class Write>
void Rejects::attempt(Write&& write) {
    const std::lock_guard lock(mutex_);
    if (has_failed_) return;
    try {
        write();
    } catch (const Error& e) {
        has_failed_ = true;
        log_.error(e.what());
    }
}

void Rejects::keep(const record::Record& record) {
    attempt([&] { record::append_ndjson(out_, record, record::all_fields); });
}

void Rejects::flush() {
    attempt([&] { out_.flush(); });
}

}  // namespace hepcap::collect
