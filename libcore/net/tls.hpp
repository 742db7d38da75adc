// TLS over sockets that somebody else opened and polls: OpenSSL stays behind this header.
//
// A TlsContext holds certificates and rules and never changes; to reload, make a new one and use it for
// the connections to come, those that stand keep theirs.  A TlsSession is one connection; its socket is
// non-blocking and outlives it.  Every call says what it waits for, so that one thread can serve many.
//
// TLS 1.2 and 1.3; no renegotiation, no tickets and no session cache: a collector's connections are few
// and long, and each of these is memory or work that a stranger could ask for.  OpenSSL writes to the
// socket as it pleases: a program that uses this ignores SIGPIPE.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace hepcap::net {

struct TlsServerOptions {
    std::string certificate_file{};  // PEM, the chain's other certificates behind the server's own
    std::string key_file{};          // PEM, not encrypted
    std::string client_ca_file{};    // PEM; where given, clients must have a certificate of one of these
};

struct TlsClientOptions {
    std::string ca_file{};           // PEM; empty: those that the system trusts
    std::string certificate_file{};  // with key_file, for servers that ask for one
    std::string key_file{};
    bool verifies_server = true;  // its certificate, and that it is for the host named
};

class TlsContext {
public:
    // Throw Error (usage) naming the file and the cause.
    static TlsContext make_server(const TlsServerOptions& options);
    static TlsContext make_client(const TlsClientOptions& options);

private:
    friend class TlsSession;
    struct Free {
        void operator()(ssl_ctx_st* context) const;
    };

    TlsContext(bool is_server);

    std::unique_ptr<ssl_ctx_st, Free> context_;
    bool is_server_ = false;
    bool verifies_host_ = false;
};

enum class TlsState : std::uint8_t {
    done,         // what was asked for is done, in part at least
    wants_read,   // call again, with the same arguments, when the socket is readable
    wants_write,  // … writable
    closed,       // the peer has ended the connection
    failed,       // failure() says why; nothing more can be done with the session
};

struct TlsProgress {
    TlsState state = TlsState::failed;
    std::size_t size = 0;  // octets read or written, where done
};

class TlsSession {
public:
    // `host` is who a client means to reach, a name or an address: what the certificate must be for.
    // Throws Error where memory is short.
    TlsSession(const TlsContext& context, int fd, const std::string& host = "");

    TlsState handshake();
    TlsProgress read(std::span<std::uint8_t> into);
    TlsProgress write(Bytes octets);

    // Tells the peer that nothing more comes, if that can be done at once.
    void shutdown();

    // Decrypted octets that wait to be read, though the socket may have none: read on before polling.
    bool has_pending() const;

    // Whether it failed because of the peer's certificate: to connect again would not help.
    bool distrusts_peer() const;

    // Why the last call failed, for a person: "certificate has expired".
    const std::string& failure() const { return failure_; }

private:
    struct Free {
        void operator()(ssl_st* session) const;
    };

    TlsState state_after(int result);

    std::unique_ptr<ssl_st, Free> session_;
    std::string failure_;
};

}  // namespace hepcap::net
