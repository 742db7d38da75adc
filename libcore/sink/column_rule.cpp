#include "sink/column_rule.hpp"

#include "sink/text_form.hpp"

namespace hepcap::sink {

std::string_view fit(const Value& value, std::size_t width) {
    const std::string_view text = value.text();
    if (text.size() <= width) return text;
    return value.type == Value::Type::text ? cut_to_characters(text, width) : text.substr(0, width);
}

}  // namespace hepcap::sink
