#include "load/homer5.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "select/route.hpp"

using namespace hepcap;

namespace {

// The table of a record of 2026-02-02 in the schema homer5, or nothing where no route takes it.
std::string table_of(std::string_view kind, std::string_view method, std::string_view cseq_method,
                     bool dated) {
    std::vector<select::Route> routes;
    for (const std::string& route : load::homer5_routes(true, dated))
        routes.push_back(select::parse_route(route));
    select::Router router(std::move(routes), select::TableSelector(load::homer5_rest));
    record::Record record;
    record.kind = kind;
    record.method = method;
    record.cseq_method = cseq_method;
    record.micro_ts = record::Integer(1'770'000'000'000'000);
    if (kind != "sip" && router.find_route(record) == nullptr) return "";
    return std::string(router.table_for(record)->name);
}

}  // namespace

TEST_SUITE("load") {
    TEST_CASE("in the schema homer5 the method of the request decides, also for its replies") {
        for (const char* const method :
             {"INVITE", "UPDATE", "BYE", "ACK", "PRACK", "REFER", "CANCEL", "INFO"}) {
            CAPTURE(method);
            CHECK(table_of("sip", method, method, true) == "sip_capture_call_20260202");
            CHECK(table_of("sip", "200", method, true) == "sip_capture_call_20260202");
        }
        CHECK(table_of("sip", "REGISTER", "REGISTER", true) == "sip_capture_registration_20260202");
        CHECK(table_of("sip", "401", "REGISTER", true) == "sip_capture_registration_20260202");
        for (const char* const method : {"OPTIONS", "SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE", "FOO", ""}) {
            CAPTURE(method);
            CHECK(table_of("sip", method, method, true) == "sip_capture_rest_20260202");
        }
    }

    TEST_CASE("RTCP, reports and logs have a table for each day, or those of the module") {
        CHECK(table_of("rtcp", "", "", true) == "rtcp_capture_all_20260202");
        CHECK(table_of("report", "", "", true) == "report_capture_all_20260202");
        CHECK(table_of("log", "", "", true) == "logs_capture_all_20260202");
        for (const char* const kind : {"rtcp", "report", "log"}) CHECK(table_of(kind, "", "", false).empty());
    }
}
