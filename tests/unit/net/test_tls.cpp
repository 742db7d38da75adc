#include "net/tls.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.hpp"
#include "base/file_descriptor.hpp"

using namespace hepcap;
using net::TlsState;

TEST_SUITE_BEGIN("net");

namespace {

// A directory with a certificate for localhost, which is its own CA, made by openssl(1) once a program run.
class Certificates {
public:
    Certificates() {
        char pattern[] = "/tmp/hepcap-tls-XXXXXX";
        directory_ = ::mkdtemp(pattern);
        const std::string make =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
            "/CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
            path("key.pem") + " -out " + path("cert.pem") + " 2>/dev/null";
        REQUIRE(std::system(make.c_str()) == 0);
    }
    ~Certificates() { std::filesystem::remove_all(directory_); }
    std::string path(const std::string& name) const { return directory_ + "/" + name; }

private:
    std::string directory_;
};

const Certificates& certificates() {
    static const Certificates made;
    return made;
}

net::TlsServerOptions server_options(bool asks_client = false) {
    const std::string certificate = certificates().path("cert.pem");
    return {certificate, certificates().path("key.pem"), asks_client ? certificate : ""};
}

struct Pair {
    Pair(const net::TlsContext& server_context, const net::TlsContext& client_context,
         const std::string& host) {
        int fds[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
        sockets[0].reset(fds[0]);
        sockets[1].reset(fds[1]);
        std::signal(SIGPIPE, SIG_IGN);
        server = std::make_unique<net::TlsSession>(server_context, fds[0]);
        client = std::make_unique<net::TlsSession>(client_context, fds[1], host);
    }
    // Both sides in turn until neither waits for the other any more.
    void shake_hands() {
        for (int i = 0; i < 10; ++i) {
            client_state = client->handshake();
            server_state = server->handshake();
        }
    }

    FileDescriptor sockets[2];
    std::unique_ptr<net::TlsSession> server;
    std::unique_ptr<net::TlsSession> client;
    TlsState server_state{};
    TlsState client_state{};
};

std::string usage_error(const net::TlsServerOptions& options) {
    try {
        net::TlsContext::make_server(options);
    } catch (const Error& e) {
        CHECK(e.code() == ExitCode::usage);
        return e.what();
    }
    return "";
}

}  // namespace

TEST_CASE("octets go both ways once hands are shaken, and the end is seen") {
    const auto server = net::TlsContext::make_server(server_options());
    const auto client = net::TlsContext::make_client({.ca_file = certificates().path("cert.pem")});
    for (const std::string host : {"localhost", "127.0.0.1"}) {
        CAPTURE(host);
        Pair pair(server, client, host);
        pair.shake_hands();
        REQUIRE(pair.client_state == TlsState::done);
        REQUIRE(pair.server_state == TlsState::done);
        CHECK(pair.client->write(as_bytes("HEP3")).size == 4);
        std::uint8_t room[16];
        const net::TlsProgress got = pair.server->read(std::span(room).first(3));
        CHECK(got.state == TlsState::done);
        CHECK(as_text({room, got.size}) == "HEP");
        CHECK(pair.server->has_pending());
        CHECK(pair.server->read(room).size == 1);
        CHECK_FALSE(pair.server->has_pending());
        CHECK(pair.server->read(room).state == TlsState::wants_read);
        pair.client->shutdown();
        CHECK(pair.server->read(room).state == TlsState::closed);
    }
}

TEST_CASE("a peer that goes without a word has closed") {
    const auto server = net::TlsContext::make_server(server_options());
    const auto client = net::TlsContext::make_client({.verifies_server = false});
    Pair pair(server, client, "");
    pair.shake_hands();
    REQUIRE(pair.server_state == TlsState::done);
    pair.sockets[1].reset();
    std::uint8_t room[16];
    CHECK(pair.server->read(room).state == TlsState::closed);
}

TEST_CASE("a client refuses a server that it does not trust, or that is another host") {
    const auto server = net::TlsContext::make_server(server_options());
    const auto trusting = net::TlsContext::make_client({.ca_file = certificates().path("cert.pem")});
    Pair other_host(server, trusting, "hep.example.org");
    other_host.shake_hands();
    CHECK(other_host.client_state == TlsState::failed);
    CHECK(other_host.client->failure().find("hostname mismatch") != std::string::npos);
    CHECK(other_host.server_state != TlsState::done);

    Pair unknown(server, net::TlsContext::make_client({}), "localhost");
    unknown.shake_hands();
    CHECK(unknown.client_state == TlsState::failed);
    CHECK(unknown.client->failure().find("self-signed") != std::string::npos);

    Pair blind(server, net::TlsContext::make_client({.verifies_server = false}), "hep.example.org");
    blind.shake_hands();
    CHECK(blind.client_state == TlsState::done);
}

TEST_CASE("a server that asks for a certificate takes no client without one") {
    const auto server = net::TlsContext::make_server(server_options(true));
    Pair without(server, net::TlsContext::make_client({.verifies_server = false}), "");
    without.shake_hands();
    CHECK(without.server_state == TlsState::failed);
    CHECK(without.server->failure().find("certificate") != std::string::npos);

    const auto has_one = net::TlsContext::make_client({.certificate_file = certificates().path("cert.pem"),
                                                       .key_file = certificates().path("key.pem"),
                                                       .verifies_server = false});
    Pair with(server, has_one, "");
    with.shake_hands();
    CHECK(with.server_state == TlsState::done);
}

TEST_CASE("octets that are no TLS fail the handshake") {
    const auto server = net::TlsContext::make_server(server_options());
    Pair pair(server, net::TlsContext::make_client({.verifies_server = false}), "");
    const std::string_view plain = "HEP3 without any TLS around it";
    REQUIRE(::write(pair.sockets[1].get(), plain.data(), plain.size()) > 0);
    CHECK(pair.server->handshake() == TlsState::failed);
    CHECK_FALSE(pair.server->failure().empty());
}

TEST_CASE("files that are no certificates are errors that name them") {
    net::TlsServerOptions missing = server_options();
    missing.certificate_file = "/nonexistent/cert.pem";
    CHECK(usage_error(missing) ==
          "cannot use the certificate '/nonexistent/cert.pem': No such file or directory");
    net::TlsServerOptions swapped = server_options();
    swapped.key_file = swapped.certificate_file;
    CHECK(usage_error(swapped).find("cannot use the key '" + swapped.certificate_file) == 0);
    net::TlsServerOptions bad_ca = server_options();
    bad_ca.client_ca_file = bad_ca.key_file;
    CHECK(usage_error(bad_ca).find("cannot use the client CA") == 0);
}

TEST_SUITE_END();
