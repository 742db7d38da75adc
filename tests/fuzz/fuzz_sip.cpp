// Laws of SIP and of the records made of it:
// - what a message is taken apart into lies inside of it;
// - its header fields, walked one by one, are the lines of the header block and nothing else;
// - an address is read the same in one go and step by step;
// - the record's line, read back and written again, is the same line, whatever octets came.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/output.hpp"
#include "record/from_hep.hpp"
#include "record/ndjson_reader.hpp"
#include "record/ndjson_writer.hpp"
#include "sip/parse.hpp"
#include "sip/uri.hpp"

using namespace hepcap;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

std::string line_of(const record::Record& r) {
    const int fd = memfd_create("line", 0);
    demand(fd >= 0);
    Output out(fd, "memory");
    record::append_ndjson(out, r, record::all_fields);
    out.flush();
    std::string line(static_cast<std::size_t>(lseek(fd, 0, SEEK_END)), '\0');
    demand(pread(fd, line.data(), line.size(), 0) == static_cast<ssize_t>(line.size()));
    close(fd);
    return line;
}

void demand_inside(std::string_view view, std::string_view whole) {
    demand(view.empty() ||
           (view.data() >= whole.data() && view.data() + view.size() <= whole.data() + whole.size()));
}

// A scheme in another case sends an address and its URI the long way.
void demand_same_the_long_way(std::string_view value, sip::Commas commas) {
    sip::NameAddr address;
    const sip::AddressOutcome outcome = sip::parse_address(value, commas, address);
    const std::string_view whole = address.uri.whole;
    if (!whole.starts_with("sip:")) return;
    std::string varied(value);
    varied[static_cast<std::size_t>(whole.data() - value.data())] = 'S';
    sip::NameAddr same;
    const sip::AddressOutcome other = sip::parse_address(varied, commas, same);
    demand(outcome.is_address == other.is_address && outcome.has_uri == other.has_uri);
    demand(outcome.rest == other.rest);
    demand(address.display_name == same.display_name && whole.substr(1) == same.uri.whole.substr(1));
    demand(address.uri.user == same.uri.user && address.uri.host == same.uri.host);
    demand(address.uri.port == same.uri.port && address.uri.parameters == same.uri.parameters);
    demand(address.parameters == same.parameters && address.tag == same.tag);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view payload = as_text(Bytes(data, size));
    if (!sip::is_sip(payload)) return 0;
    const sip::HeaderNames names;
    const sip::Message m = sip::parse(payload, names);
    for (const std::string_view view :
         {m.method, m.request_uri.whole, m.request_uri.user, m.request_uri.host, m.from.uri.user, m.from.tag,
          m.to.display_name, m.contact.uri.host, m.call_id, m.cseq, m.via, m.via_branch, m.auth_user,
          m.originator_host, m.header_block, m.body}) {
        demand_inside(view, payload);
    }
    std::size_t walked = 0;
    sip::for_each_header(m.header_block, [&](std::string_view name, std::string_view value) {
        demand_inside(name, m.header_block);
        demand_inside(value, m.header_block);
        demand(!name.empty());
        walked += name.size() + value.size();
        demand_same_the_long_way(value, sip::Commas::are_text);
        demand_same_the_long_way(value, sip::Commas::separate);
    });
    demand(walked <= m.header_block.size());

    hep::Message carried;
    carried.payload = as_bytes(payload);
    record::BuilderOptions options;
    options.with_headers = true;
    record::RecordBuilder builder(std::move(options));
    const std::string line = line_of(builder.build(carried));
    std::string_view rest = line;
    record::NdjsonReader reader(record::LineReader([&rest](char* to, std::size_t room) {
        const std::size_t n = rest.copy(to, room);
        rest.remove_prefix(n);
        return n;
    }));
    record::Record back;
    const auto got = reader.next(back);
    demand(got.has_value() && *got);
    demand(line_of(back) == line);
    return 0;
}
