#include "load/report_table.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "record/extra_member.hpp"
#include "select/table_period.hpp"

namespace hepcap::load {
namespace {

constexpr std::string_view ledger = "hepcap_ledger";

}  // namespace

bool ReportTable::is_free(std::string_view name) const {
    const auto is_it = [&](const std::string& taken) {
        return taken == name || select::period_of_table(taken, name).has_value();
    };
    return name != ledger && std::ranges::none_of(taken_, is_it);
}

std::optional<std::string_view> ReportTable::find(const record::Record& record) {
    if (record.kind != record::kind::report || record.extra.text.find("\"table\"") == std::string_view::npos)
        return std::nullopt;
    const std::optional<std::string> name = record::extra_text(record.extra, "table");
    if (!name) return std::nullopt;
    if (!last_ || last_->pattern() != *name) {
        try {
            last_.emplace(*name);
        } catch (const Error&) {
            ++refused_;
            return std::nullopt;
        }
    }
    const auto table = last_->expand(record);
    if (table && is_free(*table)) return *table;
    ++refused_;
    return std::nullopt;
}

}  // namespace hepcap::load
