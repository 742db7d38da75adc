#include "sink/mariadb_rows.hpp"

namespace hepcap::sink {
namespace {

enum_field_types type_of(const MariadbColumn& column) {
    switch (column.form) {
        case MariadbColumn::Form::integer: return MYSQL_TYPE_LONGLONG;
        case MariadbColumn::Form::real: return MYSQL_TYPE_DOUBLE;
        case MariadbColumn::Form::text:
        case MariadbColumn::Form::moment: break;
    }
    return column.is_binary ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
}

}  // namespace

void MariadbRows::begin(const std::vector<const MariadbColumn*>& columns) {
    columns_.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) columns_[i].type = type_of(*columns[i]);
    clear();
}

void MariadbRows::clear() {
    for (Values& values : columns_) {
        values.texts.clear();
        values.sizes.clear();
        values.integers.clear();
        values.reals.clear();
        values.indicators.clear();
    }
    added_ = 0;
    octets_ = 0;
}

void MariadbRows::add(const FittedValue& value) {
    // Of each value the packet has a length and a mark beside the octets.
    constexpr std::size_t around = 10;
    Values& values = columns_[added_++ % columns_.size()];
    values.indicators.push_back(value.type == FittedValue::Type::null ? STMT_INDICATOR_NULL
                                                                      : STMT_INDICATOR_NONE);
    octets_ += around;
    if (values.type == MYSQL_TYPE_LONGLONG) {
        values.integers.push_back(value.integer);
    } else if (values.type == MYSQL_TYPE_DOUBLE) {
        const bool is_integer = value.type == FittedValue::Type::integer;
        values.reals.push_back(is_integer ? static_cast<double>(value.integer) : value.real);
    } else {
        values.texts.push_back(value.text.data() == nullptr ? "" : value.text.data());
        values.sizes.push_back(value.text.size());
        octets_ += value.text.size();
    }
}

// The library only reads what the bindings of a statement's parameters point to.
std::vector<MYSQL_BIND>& MariadbRows::bind_all() {
    bindings_.assign(columns_.size(), MYSQL_BIND{});
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        Values& values = columns_[i];
        MYSQL_BIND& binding = bindings_[i];
        binding.buffer_type = values.type;
        binding.u.indicator = values.indicators.data();
        if (values.type == MYSQL_TYPE_LONGLONG) {
            binding.buffer = values.integers.data();
        } else if (values.type == MYSQL_TYPE_DOUBLE) {
            binding.buffer = values.reals.data();
        } else {
            binding.buffer = static_cast<void*>(values.texts.data());
            binding.length = values.sizes.data();
        }
    }
    return bindings_;
}

std::vector<MYSQL_BIND>& MariadbRows::bind_one(std::size_t row) {
    bindings_.assign(columns_.size(), MYSQL_BIND{});
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        Values& values = columns_[i];
        MYSQL_BIND& binding = bindings_[i];
        binding.buffer_type = values.type;
        if (values.indicators[row] == STMT_INDICATOR_NULL) {
            binding.buffer_type = MYSQL_TYPE_NULL;
        } else if (values.type == MYSQL_TYPE_LONGLONG) {
            binding.buffer = &values.integers[row];
        } else if (values.type == MYSQL_TYPE_DOUBLE) {
            binding.buffer = &values.reals[row];
        } else {
            binding.buffer = const_cast<char*>(values.texts[row]);
            binding.buffer_length = values.sizes[row];
            binding.length = &values.sizes[row];
        }
    }
    return bindings_;
}

}  // namespace hepcap::sink
