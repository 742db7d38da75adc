// From a record to its table, for the loader: `--route 'EXPR=>TABLE'`, in order, the first whose filter
// matches takes the record; what no route takes goes to the tables of `--table`.  TABLE is a list and may
// follow the time, as `--table` may, under the same --mt-mode and --hash-source.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "record/record.hpp"
#include "select/filter.hpp"
#include "select/table_selector.hpp"

namespace hepcap::select {

struct Route {
    Filter filter;
    TableSelector tables;
};

// Cut at the last => outside of quotes, so that `status =>400=>errors` is told where the mistake is.
// Throws Error (usage).
Route parse_route(std::string_view text, MultiTableMode mode = MultiTableMode::rand,
                  HashSource source = HashSource::call_id);

class Router {
public:
    Router(std::vector<Route> routes, TableSelector otherwise)
        : routes_(std::move(routes)), otherwise_(std::move(otherwise)) {}
    explicit Router(TableSelector otherwise) : Router({}, std::move(otherwise)) {}

    // The tables of the first route that takes the record; nullptr where none does.
    TableSelector* find_route(const record::Record& record);

    // The tables of the record: ask the selector for the one, and for its siblings.  Valid as long as
    // the router stays where it is.
    TableSelector& selector_for(const record::Record& record);

    TableSelector& otherwise() { return otherwise_; }

    Result<TableChoice, TableCause> table_for(const record::Record& record) {
        return selector_for(record).table_for(record);
    }

    // The keys that the routes read; the selectors read micro_ts, uid, callid, from_user and to_user besides.
    Filter::FieldSet fields() const;

    // The names of all tables as they were given; views of this object.
    std::vector<std::string_view> patterns() const;

private:
    std::vector<Route> routes_;
    TableSelector otherwise_;
};

}  // namespace hepcap::select
