// Law: an expression is refused by an Error, or its plain form is an expression whose plain form is the
// same, and which matches the same records.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "select/filter.hpp"

using hepcap::record::Boolean;
using hepcap::record::Real;
using hepcap::record::Record;
using hepcap::select::Filter;

namespace {

Record full_record() {
    Record record;
    record.v = 1;
    record.micro_ts = 1'764'950'400'949'708;
    record.source_ip = "192.0.2.17";
    record.destination_ip = "2001:db8::5";
    record.source_port = 5060;
    record.encap.text = R"(["vlan:100","a\u00e9\"\\"])";
    record.codecs.text = "[\"\\ud83d";
    record.hep_auth_ok = Boolean(false);
    record.method = "486";
    record.status = 486;
    record.callid = "a84b4c76e66710@pc33.example.org";
    record.contact_ip = "phone.example.org";
    record.mos = Real(4.25);
    record.msg = std::string_view("SIP/2.0 486 Busy\r\n\0\xff\x80", 21);
    return record;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Record records[] = {Record{}, full_record()};
    if (size > 4096) return 0;  // the escapes of the plain form must not lead beyond Filter::max_length
    try {
        const Filter filter = Filter::parse({reinterpret_cast<const char*>(data), size});
        const std::string plain = filter.to_text();
        Filter again = filter;
        try {
            again = Filter::parse(plain);
        } catch (const hepcap::Error&) {
            std::abort();
        }
        if (again.to_text() != plain || again.fields() != filter.fields()) std::abort();
        for (const Record& record : records) {
            if (again.matches(record) != filter.matches(record)) std::abort();
        }
    } catch (const hepcap::Error&) {
        return 0;
    }
    return 0;
}
