// The module's report_capture(table, cid, data), on records: what carries a report becomes a record of kind
// report that hepcap-load stores in report_capture.
//
// Reports are in RTCP, report and log records, and in SIP messages that publish one (PUBLISH with
// application/vq-rtcpxr).  What joins a report to its call is, in this order: the field that `cid` names, the
// CallID in the body of a published report, the correlation id that HEP brought, the Call-ID.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "record/record.hpp"
#include "record/uid.hpp"
#include "report/vq_report.hpp"

namespace hepcap::report {

struct CaptureOptions {
    std::string table;  // noted in the record for hepcap-load; empty: none
    std::string cid;    // a key of a record, or "data." and a key of its data; empty: none
    std::string data;   // a JSON object, in place of the payload and merged into the data; empty: none
};

class Capture {
public:
    // Throws Error (usage) for a cid or data that is none.
    explicit Capture(const CaptureOptions& options);

    // The report in `record`, or nullptr where there is none.  Points into `record` and this object, and is
    // valid until the next call.
    const record::Record* make(const record::Record& record);

private:
    void find_data(const record::Record& source);
    void find_correlation(const record::Record& source, bool is_published);
    void lift();
    void lift_from_blocks();

    std::string table_;
    std::string cid_;
    Data custom_;
    record::Record report_;
    Data data_;
    std::string data_text_;
    std::string extra_;
    std::string correlation_;
    record::UidText uid_{};
};

}  // namespace hepcap::report
