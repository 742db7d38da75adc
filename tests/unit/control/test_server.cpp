#include "control/server.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/error.hpp"
#include "control/control_socket.hpp"

using hepcap::Error;
using hepcap::FileDescriptor;
using hepcap::control::CaptureSwitch;
using hepcap::control::connect_control;
using hepcap::control::ControlSocket;
using hepcap::control::Counters;
using hepcap::control::Sample;
using hepcap::control::Server;
using hepcap::control::ServerOptions;

namespace {

namespace fs = std::filesystem;

class RememberingLog : public hepcap::Log {
public:
    void warn(std::string_view sentence) override { text += fmt::format("{}\n", sentence); }
    void error(std::string_view sentence) override { warn(sentence); }
    std::string text;
};

// A directory, and a server with everything in it.
struct Bench {
    fs::path directory;
    ServerOptions options;
    CaptureSwitch capture{true};
    Counters counters;
    RememberingLog log;
    std::unique_ptr<Server> server;

    Bench() {
        std::string name = (fs::temp_directory_path() / "hepcap-control-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        directory = name;
        fs::create_directory(directory / "replies");
        options.control = path("control");
        options.rpc_fifo = path("rpc");
        options.mi_fifo = path("mi");
        options.reply_directory = path("replies");
        options.metrics = "127.0.0.1:0";
        options.metrics_file = path("metrics.prom");
    }
    ~Bench() {
        server.reset();
        fs::remove_all(directory);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    std::string path(const std::string& name) const { return (directory / name).string(); }

    void start() {
        server = make();
        server->start();
    }
    std::unique_ptr<Server> make() {
        return std::make_unique<Server>(options, hepcap::control::Identity{"hepcap-test", "1.2.3"}, capture,
                                        counters, log);
    }
    std::uint64_t refused(std::string_view cause) const {
        std::uint64_t count = 0;
        counters.for_each([&](const Sample& s) {
            if (s.labels == fmt::format("cause=\"{}\"", cause)) count = s.count;
        });
        return count;
    }
};

// Reads until `end` says enough, the other side closes, or a second goes by.
template <class End>
std::string read_until(int fd, End end) {
    std::string text;
    while (!end(text)) {
        pollfd ready{fd, POLLIN, 0};
        if (::poll(&ready, 1, 1000) <= 0) return text + "(timeout)";
        char octets[4096];
        const ssize_t got = ::read(fd, octets, sizeof octets);
        if (got <= 0) break;
        text.append(octets, static_cast<std::size_t>(got));
    }
    return text;
}
std::string read_line(int fd) {
    return read_until(fd, [](const std::string& t) { return t.ends_with('\n'); });
}
std::string read_all(int fd) {
    return read_until(fd, [](const std::string&) { return false; });
}

void put(int fd, std::string_view text) {
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

constexpr std::string_view check =
    R"({"jsonrpc":"2.0","method":"sipcapture.status","params":["check"],"id":1})";
constexpr std::string_view enabled = R"({"jsonrpc":"2.0","result":"Enabled","id":1})";

// What comes out of a new FIFO `name` after `request` went into `fifo`.
std::string ask_fifo(const Bench& bench, const std::string& fifo, const std::string& name,
                     std::string_view request) {
    const std::string reply = bench.path("replies/" + name);
    REQUIRE(::mkfifo(reply.c_str(), 0600) == 0);
    const FileDescriptor reader(::open(reply.c_str(), O_RDONLY | O_NONBLOCK));
    const FileDescriptor writer(::open(fifo.c_str(), O_WRONLY | O_NONBLOCK));
    REQUIRE(writer);
    put(writer.get(), request);
    std::string text = read_until(
        reader.get(), [](const std::string& t) { return t.ends_with("}\n") || t.ends_with("\n\n"); });
    return text;
}

std::string http(const Server& server, std::string_view request) {
    const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.metrics_port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    put(socket.get(), request);
    return read_all(socket.get());
}

std::string contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

TEST_SUITE_BEGIN("control");

TEST_CASE("the control socket answers each request with a line, and is its owner's alone") {
    Bench bench;
    bench.start();
    struct stat made {};
    REQUIRE(::stat(bench.options.control.c_str(), &made) == 0);
    CHECK((made.st_mode & 0777) == 0600);
    const FileDescriptor client = connect_control(bench.options.control);
    REQUIRE(client);
    put(client.get(), check);
    CHECK(read_line(client.get()) == std::string(enabled) + "\n");
    put(client.get(), "nonsense\n");
    CHECK(read_line(client.get()).find("-32700") != std::string::npos);
    put(client.get(), check);
    CHECK(read_line(client.get()) == std::string(enabled) + "\n");
}

TEST_CASE("what a client wrote before it closed its half is answered, and what it did not end is refused") {
    Bench bench;
    bench.start();
    const FileDescriptor client = connect_control(bench.options.control);
    put(client.get(), std::string(check) + "{\"jsonrpc\":");
    ::shutdown(client.get(), SHUT_WR);
    const std::string answers = read_all(client.get());
    CHECK(answers.starts_with(std::string(enabled) + "\n"));
    CHECK(answers.find("-32700") != std::string::npos);
    CHECK(answers.find("timeout") == std::string::npos);
}

TEST_CASE("thousands of requests at once are all answered, though the client reads late") {
    Bench bench;
    bench.start();
    const FileDescriptor client = connect_control(bench.options.control);
    ::fcntl(client.get(), F_SETFL, 0);
    constexpr int count = 20'000;
    std::jthread writer([&client] {
        std::string requests;
        for (int i = 0; i < count; ++i) requests += std::string(check) + "\n";
        std::string_view rest = requests;
        while (!rest.empty()) {
            const ssize_t put = ::write(client.get(), rest.data(), rest.size());
            if (put <= 0) break;
            rest.remove_prefix(static_cast<std::size_t>(put));
        }
        ::shutdown(client.get(), SHUT_WR);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::string answers = read_all(client.get());
    CHECK(std::count(answers.begin(), answers.end(), '\n') == count);
}

TEST_CASE("a request without end is refused when it is too long, and its sender is cut") {
    Bench bench;
    bench.start();
    const FileDescriptor client = connect_control(bench.options.control);
    ::fcntl(client.get(), F_SETFL, 0);
    put(client.get(), "{\"a\":\"" + std::string(80'000, 'x'));
    CHECK(read_all(client.get()).find("longer than 65536") != std::string::npos);
    CHECK(bench.refused("too-long") == 1);
}

TEST_CASE("one client too many takes the place of the one idle for longest") {
    Bench bench;
    bench.start();
    std::vector<FileDescriptor> clients;
    for (std::size_t i = 0; i <= ControlSocket::max_clients; ++i) {
        clients.push_back(connect_control(bench.options.control));
        REQUIRE(clients.back());
        put(clients.back().get(), check);
        CHECK(read_line(clients.back().get()) == std::string(enabled) + "\n");
    }
    CHECK(read_line(clients.front().get()).empty());
    CHECK(bench.refused("crowd") == 1);
    put(clients[1].get(), check);
    CHECK(read_line(clients[1].get()) == std::string(enabled) + "\n");
}

TEST_CASE("a name in use is an error, what a dead process left is replaced, and nothing is left behind") {
    Bench bench;
    bench.options.metrics.clear();
    bench.start();
    CHECK_THROWS_AS(bench.make(), Error);
    bench.options.control = bench.path("other");
    CHECK_THROWS_AS(bench.make(), Error);  // the FIFO is in use as well
    bench.server.reset();
    CHECK_FALSE(fs::exists(bench.path("control")));
    CHECK_FALSE(fs::exists(bench.path("rpc")));
    CHECK_FALSE(fs::exists(bench.path("mi")));
    CHECK_FALSE(fs::exists(bench.path("other")));

    REQUIRE(::mkfifo(bench.path("rpc").c_str(), 0600) == 0);
    { std::ofstream(bench.path("other")) << "a file of somebody's"; }
    CHECK_THROWS_AS(bench.make(), Error);
    fs::remove(bench.path("other"));
    bench.start();
    CHECK(connect_control(bench.path("other")));
}

TEST_CASE("the RPC FIFO answers into the reply FIFO that the request names") {
    Bench bench;
    bench.start();
    CHECK(ask_fifo(bench, bench.options.rpc_fifo, "first",
                   R"({"jsonrpc": "2.0", "method": "sipcapture.status", "params": ["off"],)"
                   R"( "reply_name": "first", "id": 12})"
                   "\n") == "{\n\t\"jsonrpc\": \"2.0\",\n\t\"result\": \"Disabled\",\n\t\"id\": 12\n}\n");
    CHECK_FALSE(bench.capture.is_on());
    CHECK(ask_fifo(bench, bench.options.rpc_fifo, "second",
                   "{\n  \"jsonrpc\": \"2.0\",\n  \"method\": \"core.version\",\n"
                   "  \"reply_name\": \"second\",\n  \"id\": 1\n}\n")
              .find("hepcap-test 1.2.3") != std::string::npos);
}

TEST_CASE("a reply FIFO whose reader comes late still has its answer") {
    Bench bench;
    bench.start();
    const std::string reply = bench.path("replies/late");
    REQUIRE(::mkfifo(reply.c_str(), 0600) == 0);
    const FileDescriptor writer(::open(bench.options.mi_fifo.c_str(), O_WRONLY | O_NONBLOCK));
    put(writer.get(), ":sip_capture:late\n\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const FileDescriptor reader(::open(reply.c_str(), O_RDONLY));
    CHECK(read_all(reader.get()) == "200 OK\non\n\n");
}

TEST_CASE("the MI FIFO switches") {
    Bench bench;
    bench.start();
    CHECK(ask_fifo(bench, bench.options.mi_fifo, "a", ":sip_capture:a\noff\n\n") == "200 OK\n\n");
    CHECK_FALSE(bench.capture.is_on());
    CHECK(ask_fifo(bench, bench.options.mi_fifo, "b", ":sip_capture:b\n\n") == "200 OK\noff\n\n");
}

TEST_CASE("an answer goes to a FIFO of the reply directory and nowhere else") {
    Bench bench;
    bench.start();
    const std::string outside = bench.path("outside");
    { std::ofstream file(outside); }
    REQUIRE(::mkfifo(bench.path("fifo").c_str(), 0600) == 0);
    const FileDescriptor reader(::open(bench.path("fifo").c_str(), O_RDONLY | O_NONBLOCK));
    { std::ofstream file(bench.path("replies/file")); }
    fs::create_symlink("../fifo", bench.path("replies/link"));
    fs::create_hard_link(bench.path("fifo"), bench.path("replies/hard"));
    fs::create_directory(bench.path("replies/directory"));
    const FileDescriptor writer(::open(bench.options.mi_fifo.c_str(), O_WRONLY | O_NONBLOCK));
    const std::vector<std::string> names{"../outside", "/etc/passwd", "..",        "file",
                                         "link",       "hard",        "directory", "absent"};
    for (const std::string& name : names) put(writer.get(), ":sip_capture:" + name + "\n\n");
    CHECK(ask_fifo(bench, bench.options.mi_fifo, "good", ":sip_capture:good\n\n") == "200 OK\non\n\n");
    CHECK(bench.refused("reply-name") == names.size());
    CHECK(fs::file_size(outside) == 0);
    CHECK(fs::file_size(bench.path("replies/file")) == 0);
    char octet = 0;
    CHECK(::read(reader.get(), &octet, 1) <= 0);
}

TEST_CASE("a request in a FIFO that is not ended does not swallow the next one") {
    Bench bench;
    bench.start();
    const FileDescriptor writer(::open(bench.options.rpc_fifo.c_str(), O_WRONLY | O_NONBLOCK));
    put(writer.get(), "{\"jsonrpc\": ");
    for (int i = 0; i < 300 && bench.refused("incomplete") == 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK(bench.refused("incomplete") == 1);
    const std::string request =
        R"({"jsonrpc":"2.0","method":"sipcapture.status","params":["check"],"reply_name":"a","id":1})";
    CHECK(ask_fifo(bench, bench.options.rpc_fifo, "a", request).find("Enabled") != std::string::npos);
}

TEST_CASE("the metrics page is served to GET and HEAD, and nothing else is") {
    Bench bench;
    bench.counters.add("hepcap_records_total", "Records.").add(42);
    bench.start();
    const std::string page = http(*bench.server, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(page.starts_with("HTTP/1.1 200 "));
    CHECK(page.find("text/plain; version=0.0.4") != std::string::npos);
    CHECK(page.find("\nhepcap_records_total 42\n") != std::string::npos);
    CHECK(page.find("\nhepcap_capture_on 1\n") != std::string::npos);
    const std::string head = http(*bench.server, "HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 200 "));
    CHECK(head.ends_with("\r\n\r\n"));
    CHECK(http(*bench.server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 404 "));
    CHECK(http(*bench.server, "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
              .starts_with("HTTP/1.1 405 "));
    CHECK(http(*bench.server, "\x16\x03\x01 nonsense\r\n\r\n").find(" 200 ") == std::string::npos);
    const std::string endless = "GET /metrics HTTP/1.1\r\nX: " + std::string(60'000, 'x') + "\r\n\r\n";
    CHECK(http(*bench.server, endless).find(" 200 ") == std::string::npos);
}

TEST_CASE("the metrics file is whole from the start, and right at the end") {
    Bench bench;
    auto& counter = bench.counters.add("hepcap_records_total", "Records.");
    bench.start();
    CHECK(contents(bench.options.metrics_file).find("hepcap_records_total 0\n") != std::string::npos);
    counter.add(7);
    bench.server.reset();
    CHECK(contents(bench.options.metrics_file).find("hepcap_records_total 7\n") != std::string::npos);
    CHECK_FALSE(fs::exists(bench.options.metrics_file + ".part"));
    bench.options.metrics_file = bench.path("absent/metrics.prom");
    CHECK_THROWS_AS(bench.make(), Error);
}

TEST_CASE("a server without any option has no thread and makes nothing") {
    Bench bench;
    bench.options = {};
    bench.start();
    CHECK(bench.server->metrics_port() == 0);
    CHECK(fs::directory_iterator(bench.directory)->path().filename() == "replies");
}

TEST_SUITE_END();
