#include "sink/rows.hpp"

#include <algorithm>
#include <cstring>

#include "sink/text_form.hpp"

namespace hepcap::sink {

bool RowBatch::add(std::string_view table, Layout layout, const record::Record& record, RowValues& values,
                   std::span<const std::string_view> siblings) {
    RowGroup& group = group_for(table, layout, siblings);
    const std::size_t first = group.values.size();
    group.values.resize(first + group.width);
    const std::span row(group.values.data() + first, group.width);
    values.make(layout, record, row.data());
    std::size_t octets = 0;
    for (const Value& value : row) octets += value.is_textual() ? value.size : 0;
    if (!make_room(octets)) {
        group.values.resize(first);
        return false;
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
        Value& value = row[i];
        group.present[i] |= static_cast<std::uint8_t>(value.type);
        if (!value.is_textual()) continue;
        char* const copy = text_.get() + used_;
        if (value.size > 0) std::memcpy(copy, value.data, value.size);  // an empty one may lie nowhere
        value.data = copy;
        if (!is_storable_text(value.text())) {
            value.type = Value::Type::octets;
            group.present[i] |= static_cast<std::uint8_t>(value.type);
        }
        used_ += value.size;
    }
    ++rows_;
    return true;
}

void RowBatch::note_origin(const Origin& origin, bool keep_line) {
    position_ = origin.position;
    if (keep_line) lines_.append(origin.line).push_back('\n');
}

bool RowBatch::make_room(std::size_t octets) {
    if (capacity_ - used_ >= octets && capacity_ > 0) return true;
    if (rows_ > 0) return false;
    capacity_ = std::max(most_text, octets);
    text_.reset(new char[capacity_]);
    return true;
}

RowGroup& RowBatch::group_for(std::string_view table, Layout layout,
                              std::span<const std::string_view> siblings) {
    const auto fits = [&](const RowGroup& group) {
        return group.table == table && group.layout == layout && std::ranges::equal(group.siblings, siblings);
    };
    if (last_ < groups_.size() && fits(groups_[last_])) return groups_[last_];
    auto found = std::ranges::find_if(groups_, fits);
    if (found == groups_.end()) {
        found = groups_.insert(found, RowGroup{.table = std::string(table),
                                               .layout = layout,
                                               .siblings = {siblings.begin(), siblings.end()},
                                               .width = columns(layout).size(),
                                               .values = {},
                                               .present = std::vector<std::uint8_t>(columns(layout).size())});
    }
    last_ = static_cast<std::size_t>(found - groups_.begin());
    return *found;
}

void RowBatch::clear() {
    // One table's rows mostly follow another's: what a single group has allocated is used again.
    if (groups_.size() == 1) {
        groups_.front().values.clear();
        std::ranges::fill(groups_.front().present, std::uint8_t{0});
    } else {
        groups_.clear();
    }
    rows_ = 0;
    used_ = 0;
    last_ = 0;
    position_ = 0;
    lines_.clear();
    if (capacity_ > most_text) {
        text_.reset();
        capacity_ = 0;
    }
}

}  // namespace hepcap::sink
