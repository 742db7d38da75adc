#include "net/tls.hpp"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/network.hpp"

namespace hepcap::net {

namespace {

// The newest cause in OpenSSL's queue, which is left empty.
std::string take_cause() {
    const unsigned long code = ERR_peek_last_error();
    std::string text;
    if (code == 0) {
        text = "no cause is known";
    } else if (ERR_SYSTEM_ERROR(code)) {
        text = errno_text(ERR_GET_REASON(code));
    } else {
        const char* const reason = ERR_reason_error_string(code);
        text = reason ? reason : fmt::format("OpenSSL error {:#x}", code);
    }
    ERR_clear_error();
    return text;
}

[[noreturn]] void refuse_file(std::string_view what, const std::string& path) {
    // The file itself is the first cause in the queue; later ones say what that led to.
    const unsigned long first = ERR_peek_error();
    const bool is_system = ERR_SYSTEM_ERROR(first);
    std::string cause = is_system ? errno_text(ERR_GET_REASON(first)) : take_cause();
    if (cause == "PEM lib" || cause == "no start line")
        cause = fmt::format("there is no {} in PEM in it", what);
    ERR_clear_error();
    throw Error(fmt::format("cannot use the {} '{}': {}", what, path, cause), ExitCode::usage);
}

void use_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key) {
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
        refuse_file("certificate", certificate);
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) refuse_file("key", key);
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void TlsSession::Free::operator()(ssl_st* session) const { SSL_free(session); }

TlsContext::TlsContext(bool is_server)
    : context_(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method())), is_server_(is_server) {
    if (!context_) throw Error("cannot prepare TLS: " + take_cause(), ExitCode::temporary);
    SSL_CTX* const context = context_.get();
    ERR_clear_error();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // A peer that goes without a word is not a fault of TLS: HEP says itself where a message ends.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    // A key that wants a password would be asked for on the terminal, where nobody sits.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
}

TlsContext TlsContext::make_server(const TlsServerOptions& options) {
    TlsContext made(true);
    SSL_CTX* const context = made.context_.get();
    use_certificate(context, options.certificate_file, options.key_file);
    if (options.client_ca_file.empty()) return made;
    if (SSL_CTX_load_verify_file(context, options.client_ca_file.c_str()) != 1)
        refuse_file("client CA", options.client_ca_file);
    // The names are sent to clients, so that they can choose among several certificates.
    STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(options.client_ca_file.c_str());
    if (!names) refuse_file("client CA", options.client_ca_file);
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return made;
}

TlsContext TlsContext::make_client(const TlsClientOptions& options) {
    TlsContext made(false);
    SSL_CTX* const context = made.context_.get();
    if (!options.certificate_file.empty())
        use_certificate(context, options.certificate_file, options.key_file);
    if (!options.verifies_server) return made;
    if (options.ca_file.empty()) {
        SSL_CTX_set_default_verify_paths(context);
    } else if (SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1) {
        refuse_file("CA", options.ca_file);
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    made.verifies_host_ = true;
    return made;
}

TlsSession::TlsSession(const TlsContext& context, int fd, const std::string& host)
    : session_(SSL_new(context.context_.get())) {
    ERR_clear_error();
    SSL* const session = session_.get();
    if (!session || SSL_set_fd(session, fd) != 1) {
        throw Error("cannot prepare TLS for a connection: " + take_cause(), ExitCode::temporary);
    }
    if (context.is_server_) {
        SSL_set_accept_state(session);
        return;
    }
    SSL_set_connect_state(session);
    const bool is_address = !parse_ip_address(host).is_none();
    if (!is_address && !host.empty()) SSL_set_tlsext_host_name(session, host.c_str());
    if (!context.verifies_host_) return;
    const int set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str())
                               : SSL_set1_host(session, host.c_str());
    if (set != 1 || host.empty()) throw Error("cannot check the certificate of a host without a name");
}

TlsState TlsSession::state_after(int result) {
    if (result > 0) return TlsState::done;
    const int cause = errno;
    switch (SSL_get_error(session_.get(), result)) {
        case SSL_ERROR_WANT_READ: return TlsState::wants_read;
        case SSL_ERROR_WANT_WRITE: return TlsState::wants_write;
        case SSL_ERROR_ZERO_RETURN: return TlsState::closed;
        case SSL_ERROR_SYSCALL:
            if (ERR_peek_error() == 0) {
                if (cause == 0 || cause == ECONNRESET || cause == EPIPE) return TlsState::closed;
                failure_ = errno_text(cause);
                return TlsState::failed;
            }
            break;
        default: break;
    }
    // What is wrong with a certificate says more than that the handshake has failed.
    const long verdict = SSL_get_verify_result(session_.get());
    failure_ = take_cause();
    if (verdict != X509_V_OK) failure_ = X509_verify_cert_error_string(verdict);
    return TlsState::failed;
}

TlsState TlsSession::handshake() {
    if (!failure_.empty()) return TlsState::failed;
    ERR_clear_error();
    errno = 0;
    return state_after(SSL_do_handshake(session_.get()));
}

TlsProgress TlsSession::read(std::span<std::uint8_t> into) {
    if (!failure_.empty()) return {};
    ERR_clear_error();
    errno = 0;
    TlsProgress progress;
    progress.state = state_after(SSL_read_ex(session_.get(), into.data(), into.size(), &progress.size));
    return progress;
}

TlsProgress TlsSession::write(Bytes octets) {
    if (!failure_.empty()) return {};
    ERR_clear_error();
    errno = 0;
    TlsProgress progress;
    progress.state = state_after(SSL_write_ex(session_.get(), octets.data(), octets.size(), &progress.size));
    return progress;
}

void TlsSession::shutdown() {
    // After a failure OpenSSL must not be asked to say goodbye.
    if (!failure_.empty() || !SSL_is_init_finished(session_.get())) return;
    SSL_shutdown(session_.get());
    ERR_clear_error();
}

bool TlsSession::distrusts_peer() const {
    return !failure_.empty() && SSL_get_verify_result(session_.get()) != X509_V_OK;
}

bool TlsSession::has_pending() const { return SSL_pending(session_.get()) > 0; }

}  // namespace hepcap::net
