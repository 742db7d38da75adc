// What Homer shows of an ISUP message: HEP carries such (protocol type 54) as the JSON that captagent and
// Wireshark's kin make of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hepcap::record {

struct Isup {
    std::int64_t cic = 0;  // circuit
    std::int64_t dpc = 0;  // destination and origination point code
    std::int64_t opc = 0;
    std::string msg_name;
    std::string called_number;
    std::string calling_number;
    std::string
        call;  // the same in both directions: lower point code, higher one, circuit, with colons between
};

// Reads the keys of these names; a number may also be an object that has it under "num".  What is not there
// is 0 or empty, and so is all of a text that is no JSON object.
Isup read_isup(std::string_view json);

}  // namespace hepcap::record
