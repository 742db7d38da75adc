// The tables that a backend keeps open, by name.  Names may follow the time, and times come from the input:
// without a bound a hostile one would open a table a record.  When there are `most`, the one that was not
// needed for the longest time makes room.
//
// References to tables stay valid until theirs is erased.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "sink/columns.hpp"

namespace hepcap::sink {

// Throws Error (usage) where a table of one layout is to hold rows of another.
void require_layout(std::string_view table, Layout of_table, Layout of_rows);

template <class Table>
class OpenTables {
    struct Entry {
        Table table;
        std::uint64_t used = 0;  // number of the group of rows that needed it last
    };
    using Map = std::map<std::string, Entry, std::less<>>;

public:
    explicit OpenTables(std::size_t most = 64) : most_(most) {}

    // To be called before each group of rows: what is asked for from here on is needed by it.
    void begin_group() { ++group_; }

    // The table, or null; rows mostly go where those before them went.
    Table* find(std::string_view name) {
        if (last_ == nullptr || last_->first != name) {
            const auto found = tables_.find(name);
            if (found == tables_.end()) return nullptr;
            last_ = &*found;
        }
        last_->second.used = group_;
        return &last_->second.table;
    }

    Table& add(std::string_view name, Table table) {
        last_ = &*tables_.emplace(std::string(name), Entry{std::move(table), group_}).first;
        return last_->second.table;
    }

    bool empty() const { return tables_.empty(); }
    std::size_t size() const { return tables_.size(); }
    bool is_full() const { return tables_.size() >= most_; }

    // The table that is to make room; null where all are needed by the group at hand: the siblings of a
    // record may be more than `most`.
    Table* least_used() {
        const auto least =
            std::ranges::min_element(tables_, {}, [](const auto& entry) { return entry.second.used; });
        return least == tables_.end() || least->second.used == group_ ? nullptr : &least->second.table;
    }

    void erase(std::string_view name) {
        if (const auto found = tables_.find(name); found != tables_.end()) erase(found);
    }
    void erase(const Table& table) {
        const auto is_it = [&](const auto& entry) { return &entry.second.table == &table; };
        if (const auto found = std::ranges::find_if(tables_, is_it); found != tables_.end()) erase(found);
    }
    template <class Condition>
    void erase_if(Condition condition) {
        last_ = nullptr;
        std::erase_if(tables_, [&](auto& entry) { return condition(entry.second.table); });
    }
    void clear() {
        last_ = nullptr;
        tables_.clear();
    }

    // In the order of their names.
    template <class Work>
    void for_each(Work work) {
        for (auto& [name, entry] : tables_) work(entry.table);
    }

private:
    void erase(typename Map::iterator entry) {
        last_ = nullptr;
        tables_.erase(entry);
    }

    std::size_t most_;
    Map tables_;
    typename Map::value_type* last_ = nullptr;
    std::uint64_t group_ = 0;
};

}  // namespace hepcap::sink
