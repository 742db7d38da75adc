#include "sink/mariadb_error.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace hepcap::sink {
namespace {

struct Meaning {
    unsigned number;
    std::string_view way_out;
};

// Away, and coming back by itself or by its keeper's hand.
constexpr std::array away{
    Meaning{2002, "is it running?"},  // CR_CONNECTION_ERROR
    Meaning{2003, "is it running?"},  // CR_CONN_HOST_ERROR
    Meaning{2005, "is the name right?"},
    Meaning{2006, {}},  // gone away
    Meaning{2012, {}},  // handshake
    Meaning{2013, {}},  // lost during query, or silent for too long
    Meaning{2014, {}},
    Meaning{2026, {}},  // TLS
    Meaning{2027, {}},  // malformed packet
    Meaning{2055, {}},
    Meaning{1040, {}},  // too many connections
    Meaning{1042, {}},
    Meaning{1043, {}},  // bad handshake
    Meaning{1053, {}},  // shutdown in progress
    Meaning{1077, {}},
    Meaning{1079, {}},
    Meaning{1080, {}},
    Meaning{1129, "let its keeper run mariadb-admin flush-hosts"},
    Meaning{1152, {}},
    Meaning{1158, {}},
    Meaning{1159, {}},
    Meaning{1160, {}},
    Meaning{1161, {}},
    Meaning{1184, {}},
    Meaning{1203, {}},  // too many connections of one user
    Meaning{1205, {}},  // lock wait timeout
    Meaning{1213, {}},  // deadlock
    Meaning{1226, {}},
    Meaning{1317, {}},  // interrupted
    Meaning{1927, {}},  // connection was killed
    Meaning{1969, {}},
    Meaning{3024, {}},
    Meaning{4031, {}},  // MySQL: disconnected for inactivity
};

// In its place, but unable for now.
constexpr std::array unable{
    Meaning{3, "make room on its disk"},
    Meaning{1020, {}},
    Meaning{1021, "make room on its disk"},
    Meaning{1026, "make room on its disk"},
    Meaning{1030, {}},
    Meaning{1054, "was the table changed meanwhile?"},
    Meaning{1114, "make room for the table"},
    Meaning{1146, "was the table dropped meanwhile?"},
    Meaning{1180, {}},
    Meaning{1290, "let its keeper set read_only off"},
    Meaning{1412, {}},
    Meaning{1615, {}},
    Meaning{1792, {}},
    Meaning{1836, "let its keeper set read_only off"},
    Meaning{1932, {}},
};

// Wrong words in the URL, or rights that are not given.
constexpr std::array refused{
    Meaning{1044, "let its keeper GRANT the rights that hepcap-load(1) names"},
    Meaning{1045, "look at user and password of the URL"},
    Meaning{1049, "make it with CREATE DATABASE, or name another"},
    Meaning{1130, "let its keeper allow the user from this host"},
    Meaning{1142, "let its keeper GRANT the rights that hepcap-load(1) names"},
    Meaning{1143, "let its keeper GRANT the rights that hepcap-load(1) names"},
    Meaning{1227, "let its keeper GRANT the rights that hepcap-load(1) names"},
    Meaning{1251, "let its keeper choose another way of authentication for the user"},
    Meaning{1370, "let its keeper GRANT the rights that hepcap-load(1) names"},
    Meaning{1698, "look at user and password of the URL"},
    Meaning{1820, "the password has expired"},
    Meaning{1862, "the password has expired"},
    Meaning{2059, "the client library has not the server's way of authentication"},
};

const Meaning* find(std::span<const Meaning> meanings, unsigned number) {
    const auto found = std::ranges::find(meanings, number, &Meaning::number);
    return found == meanings.end() ? nullptr : &*found;
}

// The message holds table names and values, which came from the input.
std::string printable(std::string_view message) {
    constexpr std::size_t most = 300;
    std::string result(message.substr(0, most));
    std::ranges::replace_if(
        result, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    while (result.ends_with('.')) result.pop_back();
    return result;
}

}  // namespace

Error mariadb_error(const std::string& subject, unsigned number, std::string_view message) {
    ExitCode code = ExitCode::temporary;
    const Meaning* meaning = find(away, number);
    if (meaning == nullptr) meaning = find(unable, number);
    if (meaning == nullptr && (meaning = find(refused, number)) != nullptr) code = ExitCode::usage;
    if (meaning == nullptr) code = ExitCode::data_error;
    // 1290 is said of any option that forbids a statement.
    if (number == 1290 && message.find("read-only") == std::string_view::npos &&
        message.find("read_only") == std::string_view::npos) {
        code = ExitCode::usage;
        meaning = nullptr;
    }
    // A connection that ends in the middle of a handshake is one thing, a certificate that is not trusted
    // another.
    if (number == 2026 && (message.find("certificate") != std::string_view::npos ||
                           message.find("required") != std::string_view::npos)) {
        code = ExitCode::usage;
    }
    std::string sentence = subject + ": " + printable(message) + " (" + std::to_string(number) + ")";
    if (meaning != nullptr && !meaning->way_out.empty()) sentence += "; " + std::string(meaning->way_out);
    return Error(sentence, code);
}

}  // namespace hepcap::sink
