#include "sink/dbtext_ledger.hpp"

#include <unistd.h>

#include <chrono>

#include "sink/dbtext_file.hpp"
#include "sink/dbtext_format.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view header = "input(str) finished(time)\n";

// The first field as it stands in the file.
std::string escaped(std::string_view input) {
    Value value;
    value.data = input.data();
    value.size = static_cast<std::uint32_t>(input.size());
    value.type = Value::Type::octets;
    std::string field;
    append_dbtext_field(field, {.name = "input", .type = DbtextColumn::Type::text}, value,
                        ColumnRule::Absent::null, input.size());
    return field;
}

bool find(DbtextFile& file, std::string_view input) {
    const std::string beginning = escaped(input) + ':';
    bool is_there = false;
    file.read_on([&](std::string_view line, std::uint64_t) { is_there |= line.starts_with(beginning); });
    return is_there;
}

}  // namespace

bool DbtextLedger::holds(std::string_view input) const {
    if (::access(path_.c_str(), F_OK) != 0) return false;
    DbtextFile file(path_, false);
    return find(file, input);
}

void DbtextLedger::add(std::string_view input, bool create) const {
    DbtextFile file(path_, create);
    if (find(file, input)) return;
    file.cut_torn_line();
    if (file.is_empty()) file.append(header);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    file.append(escaped(input) + ':' +
                std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count()) + '\n');
    file.commit();
}

}  // namespace hepcap::sink
