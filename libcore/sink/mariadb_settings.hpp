// How to reach a server of MariaDB or MySQL, out of the URL and its parameters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sink/database_url.hpp"

namespace hepcap::sink {

struct MariadbSettings {
    enum class Tls : std::uint8_t {
        off,
        required,  // whatever the server's certificate
        verified,  // with a certificate that is right for the host
    };

    DatabaseUrl url;
    std::string
        socket;  // path of a Unix socket; empty: TCP, or the library's own where the host is localhost
    Tls tls = Tls::off;
    std::string tls_ca;  // file with the certificates that are trusted
    std::string tls_certificate;
    std::string tls_key;
    bool use_bulk = true;
    // Seconds that the server may stay silent.  A statement may wait for a lock for half of the second one.
    unsigned connect_timeout = 10;
    unsigned read_timeout = 60;
};

// Takes apart what follows "mysql:".  Throws Error with ExitCode::usage; nothing that it says shows a
// password.
MariadbSettings mariadb_settings(std::string_view location);

// "database 'homer' of the server at db.example.com:3306": the subject of our sentences.
std::string describe(const MariadbSettings& settings);

}  // namespace hepcap::sink
