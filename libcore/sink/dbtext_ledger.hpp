// The ledger of finished inputs beside dbtext tables: a dbtext table itself, `hepcap_ledger`.
#pragma once

#include <string>
#include <string_view>

namespace hepcap::sink {

class DbtextLedger {
public:
    static constexpr std::string_view table = "hepcap_ledger";

    explicit DbtextLedger(const std::string& directory) : path_(directory + "/" + std::string(table)) {}

    // Both read the file from its beginning.  Throw Error.
    bool holds(std::string_view input) const;
    void add(std::string_view input, bool create) const;

private:
    std::string path_;
};

}  // namespace hepcap::sink
