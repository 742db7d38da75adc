#include "load/homer5.hpp"

namespace hepcap::load {

std::vector<std::string> homer5_routes(bool with_sip, bool with_dates) {
    std::vector<std::string> routes;
    if (with_sip) {
        const std::string methods =
            R"({"INVITE", "UPDATE", "BYE", "ACK", "PRACK", "REFER", "CANCEL", "INFO"})";
        routes.push_back("method in " + methods + " or cseq_method in " + methods +
                         "=>sip_capture_call_%Y%m%d");
        routes.emplace_back(
            R"(method == "REGISTER" or cseq_method == "REGISTER"=>sip_capture_registration_%Y%m%d)");
    }
    if (with_dates) {
        routes.emplace_back(R"(kind == "rtcp"=>rtcp_capture_all_%Y%m%d)");
        routes.emplace_back(R"(kind == "report"=>report_capture_all_%Y%m%d)");
        routes.emplace_back(R"(kind == "log"=>logs_capture_all_%Y%m%d)");
    }
    return routes;
}

}  // namespace hepcap::load
