#include "sniff/picks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/error.hpp"
#include "capture/file_source.hpp"
#include "capture/merged_source.hpp"
#include "record/ndjson_reader.hpp"

namespace hepcap::sniff {

namespace {

// Not a packet's, though in the stream.
bool is_about_the_stream(std::string_view kind) { return kind == record::kind::eof || kind == "stats"; }

}  // namespace

Picks read_picks(const std::string& name, Log& log) {
    // Closed by the end of the process: nobody waits for it.
    const bool is_stdin = name == "-";
    const int fd = is_stdin ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) throw Error(fmt::format("cannot open '{}': {}", name, errno_text(errno)));
    record::NdjsonReader reader{record::LineReader(fd, is_stdin ? "standard input" : "'" + name + "'")};
    record::Record r;
    Picks picks;
    std::uint64_t without_origin = 0;
    for (;;) {
        const auto more = reader.next(r);
        if (!more) {
            log.error(record::describe(more.error()));
            continue;
        }
        if (!*more) break;
        if (is_about_the_stream(r.kind)) continue;
        if (r.file.empty() || r.frame.value < 1 || r.offset.value < 0) {
            ++without_origin;
            continue;
        }
        const capture::Pick pick{static_cast<std::uint64_t>(r.frame.value),
                                 static_cast<std::uint64_t>(r.offset.value)};
        std::vector<capture::Pick>& of_file = picks[std::string(r.file)];
        // A datagram with several HEP messages is several records.
        if (of_file.empty() || of_file.back() != pick) of_file.push_back(pick);
    }
    if (without_origin > 0) {
        log.error(
            fmt::format("{} records name no packet: they have no file, frame and offset; records of "
                        "captures have, those of sockets have not",
                        without_origin));
    }
    return picks;
}

std::unique_ptr<capture::Source> open_picks(Picks picks, const std::vector<std::string>& read, Log& log) {
    if (read.size() == 1 && picks.size() == 1) {
        auto node = picks.extract(picks.begin());
        node.key() = read.front();
        picks.insert(std::move(node));
    }
    capture::StreamOptions stream;
    if (picks.size() > 64) stream.window = 64 * 1024;
    std::vector<std::unique_ptr<capture::Source>> sources;
    for (auto& [name, of_file] : picks) {
        const bool is_named = read.empty() || std::find(read.begin(), read.end(), name) != read.end();
        if (!is_named) {
            log.error(fmt::format("{} records are of '{}', which -r does not name; they are left out",
                                  of_file.size(), name));
            continue;
        }
        if (name == "-") {
            log.error(
                "records are of a capture that was read from standard input; -r FILE names where it is");
            continue;
        }
        try {
            sources.push_back(std::make_unique<capture::PickedSource>(
                std::make_unique<capture::FileSource>(name, log, stream), std::move(of_file), name, log));
        } catch (const Error& error) {
            log.error(error.what());
        }
    }
    return std::make_unique<capture::MergedSource>(std::move(sources));
}

}  // namespace hepcap::sniff
