#include "record/to_hep.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/ascii.hpp"
#include "base/network.hpp"
#include "hep/chunk_table.hpp"
#include "record/json_elements.hpp"

namespace hepcap::record {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Unsendable::count_)> cause_names{
    "other-kind", "no-msg", "bad-address", "bad-number", "bad-hep-extra",
};
static_assert(!cause_names.back().empty(), "one name for each cause");

// A number that its place on the wire has room for; what is absent is 0.
template <class Number>
bool take_number(Integer integer, Number& number) {
    const std::int64_t value = integer.value_or(0);
    if (value < 0 || value > std::int64_t{std::numeric_limits<Number>::max()}) return false;
    number = static_cast<Number>(value);
    return true;
}

bool take_address(Text text, IpAddress& address) {
    if (text.empty()) return true;
    address = parse_ip_address(text);
    return !address.is_none();
}

// What a record of that kind carries where it does not say so itself; nothing for a kind that is no
// message.
std::optional<hep::ProtocolType> usual_type(const Record& record) {
    if (record.kind == kind::sip) return hep::ProtocolType::sip;
    if (record.kind == kind::rtcp) return hep::ProtocolType::rtcp_json;
    if (record.kind == kind::log) return hep::ProtocolType::log;
    if (record.kind == kind::hep) return hep::ProtocolType::reserved;
    if (record.kind == kind::report) {
        return record.msg.starts_with('{') ? hep::ProtocolType::mos_full : hep::ProtocolType::mos_short;
    }
    return std::nullopt;
}

// The layers of `encap`; none where one of them is unknown.
void take_encap(std::string_view array, capture::Encap& encap) {
    if (array.empty()) return;
    JsonElements elements(array);
    while (const auto element = elements.next()) {
        const std::optional<capture::Layer> layer = capture::parse_layer(*element);
        if (!layer || !encap.push(*layer)) return encap.clear();
    }
}

// The innermost, which is the customer's where there are two.
std::optional<std::uint16_t> innermost_vlan(const capture::Encap& encap) {
    std::optional<std::uint16_t> vlan;
    for (const capture::Layer& layer : encap) {
        if (layer.kind == capture::LayerKind::vlan && layer.has_id && layer.id <= 0xffff)
            vlan = static_cast<std::uint16_t>(layer.id);
    }
    return vlan;
}

// Words about SIP are not sent: the receiver finds the same in the payload.
void take_words(std::string_view array, hep::Notes& notes, bool& is_cut) {
    if (array.empty()) return;
    JsonElements elements(array);
    while (const auto word = elements.next()) {
        if (const auto note = hep::note_from_name(*word)) notes.add(*note);
        is_cut = is_cut || *word == "truncated";
    }
}

// "2025-12-05T16:00:00.949708123Z": the three digits beyond `micro_ts`, where they are there.
std::optional<std::uint32_t> nanoseconds_of(Text ts) {
    constexpr std::size_t length = 30;
    if (ts.size() != length || ts.back() != 'Z') return std::nullopt;
    std::uint32_t value = 0;
    const char* const end = ts.data() + length - 1;
    const auto [p, error] = std::from_chars(end - 3, end, value);
    if (error != std::errc{} || p != end) return std::nullopt;
    return value;
}

// A walk over JSON text that is already known to be well formed; strings with escapes are not looked for,
// since neither a number nor hex needs one.
class JsonWalk {
public:
    explicit JsonWalk(std::string_view text) : rest_(text) {}

    bool skip(char token) {
        skip_space();
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::optional<std::string_view> string() {
        if (!skip('"')) return std::nullopt;
        const std::size_t end = rest_.find_first_of("\"\\");
        if (end == rest_.npos || rest_[end] != '"') return std::nullopt;
        const std::string_view text = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return text;
    }
    bool at_end() {
        skip_space();
        return rest_.empty();
    }

private:
    void skip_space() {
        const std::size_t at = rest_.find_first_not_of(" \t\r\n");
        rest_.remove_prefix(at == rest_.npos ? rest_.size() : at);
    }

    std::string_view rest_;
};

// "8:1" as vendor ID and type ID.
bool take_chunk_key(std::string_view key, hep::Chunk& chunk) {
    const std::size_t colon = key.find(':');
    if (colon == key.npos) return false;
    const auto take = [](std::string_view digits, std::uint16_t& value) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc{} && end == digits.data() + digits.size();
    };
    return take(key.substr(0, colon), chunk.vendor_id) && take(key.substr(colon + 1), chunk.type_id);
}

// A generic chunk that has a key of its own must not be said a second time by hep_extra.  Those two that
// the 2013 draft uses otherwise are the exception: only a message of the draft has them here.
bool may_be_extra(const hep::Chunk& chunk) {
    if (chunk.vendor_id != 0) return true;
    if (chunk.type_id == 0) return false;
    if (chunk.type_id >= hep::slot_count) return true;
    return hep::draft_slots[chunk.type_id] == hep::Slot::none;
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool append_hex(std::string_view hex, std::vector<std::uint8_t>& out) {
    if (hex.size() % 2 != 0) return false;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = hex_value(hex[i]);
        const int low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0) return false;
        out.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return true;
}

bool take_agent(const Record& record, hep::Message& out) {
    out.has_capture_agent_id = record.hep_agent_id.present();
    out.has_vlan = record.hep_vlan.present();
    if (!take_number(record.hep_agent_id, out.capture_agent_id)) return false;
    if (!take_number(record.hep_vlan, out.vlan)) return false;
    if (!out.has_vlan) {
        const std::optional<std::uint16_t> vlan = innermost_vlan(out.encap);
        out.has_vlan = vlan.has_value();
        out.vlan = vlan.value_or(0);
    }
    out.capture_agent_name = record.hep_node;
    return true;
}

void take_time(const Record& record, hep::Message& out) {
    constexpr std::int64_t million = 1'000'000;
    const std::int64_t micros = record.micro_ts.value_or(0);
    const std::optional<std::uint32_t> nanoseconds = nanoseconds_of(record.ts);
    out.has_time = true;
    out.has_nanoseconds = nanoseconds.has_value();
    out.time = Timestamp::from_parts(micros / million, micros % million * 1000 + nanoseconds.value_or(0));
}

// What HEP itself will not say of how the record came here.
bool take_carried(const Record& record, hep::Message& out) {
    hep::Carried carried;
    if (!take_number(record.hep_version, carried.version)) return false;
    if (!take_number(record.copies, out.copies)) return false;
    carried.has_protocol_type = record.hep_proto.present();
    carried.has_vlan = record.hep_vlan.present();
    take_words(record.parse.text, carried.notes, out.is_cut);
    const bool is_as_sent = carried.version == out.version && carried.has_protocol_type &&
                            carried.has_vlan == out.has_vlan && carried.notes.empty();
    if (!is_as_sent && carried.version <= out.version) out.carried = carried;
    return true;
}

}  // namespace

std::string_view name(Unsendable cause) { return cause_names[static_cast<std::size_t>(cause)]; }

std::optional<Unsendable> MessageBuilder::build(const Record& record, hep::Message& out) {
    out.clear();
    const std::optional<hep::ProtocolType> usual = usual_type(record);
    if (!usual) return Unsendable::other_kind;
    // A message that came without a payload has said so.
    const bool never_had_payload = record.parse.text.find("\"no-payload\"") != std::string_view::npos;
    if (record.msg.empty() && !never_had_payload) return Unsendable::no_msg;

    out.version = 3;
    out.has_protocol_type = true;
    out.protocol_type = *usual;
    if (record.hep_proto.present()) {
        std::uint8_t type = 0;
        if (!take_number(record.hep_proto, type)) return Unsendable::bad_number;
        out.protocol_type = static_cast<hep::ProtocolType>(type);
    }
    if (!take_address(record.source_ip, out.source.address)) return Unsendable::bad_address;
    if (!take_address(record.destination_ip, out.destination.address)) return Unsendable::bad_address;
    if (!take_number(record.source_port, out.source.port)) return Unsendable::bad_number;
    if (!take_number(record.destination_port, out.destination.port)) return Unsendable::bad_number;
    take_encap(record.encap.text, out.encap);
    if (!take_agent(record, out) || !take_carried(record, out)) return Unsendable::bad_number;
    out.transport = transport_from_name(record.transport);

    take_time(record, out);

    // HEP is sent with the chunk only where it says something that the payload does not.
    const bool is_call_id = record.kind == kind::sip && record.correlation_id == record.callid;
    if (!is_call_id) out.correlation_id = record.correlation_id;
    if (!record.hep_extra.text.empty() && !take_extra(record.hep_extra.text, out.extra)) {
        return Unsendable::bad_extra;
    }
    out.payload = as_bytes(record.msg);
    return std::nullopt;
}

// {"8:1":"a1b2","0:36":"63616c6c"}: the chunks in their order.
bool MessageBuilder::take_extra(std::string_view json, std::vector<hep::Chunk>& chunks) {
    values_.clear();
    values_.reserve(json.size() / 2);
    JsonWalk walk(json);
    if (!walk.skip('{')) return false;
    if (walk.skip('}')) return walk.at_end();
    do {
        const auto key = walk.string();
        if (!key || !walk.skip(':')) return false;
        const auto hex = walk.string();
        hep::Chunk chunk;
        const std::size_t begin = values_.size();
        if (!hex || !take_chunk_key(*key, chunk) || !may_be_extra(chunk)) return false;
        if (!append_hex(*hex, values_)) return false;
        chunk.value = Bytes{values_.data() + begin, values_.size() - begin};
        chunks.push_back(chunk);
    } while (walk.skip(','));
    return walk.skip('}') && walk.at_end();
}

}  // namespace hepcap::record
