#include "sink/sink.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "sink/null_sink.hpp"
#include "sink/sqlite.hpp"

namespace hepcap::sink {
namespace {

using Make = std::unique_ptr<Sink> (*)(std::string_view location, const SinkOptions&, Log&);
using Check = void (*)(std::string_view location, const SinkOptions&);

struct Backend {
    std::string_view scheme;
    Make make = nullptr;    // null: known, but not in this build
    Check check = nullptr;  // for a dry run; null: there is nothing that could be looked at
};

// Schemes as users of Kamailio write them too.
constexpr std::array known_backends{
    Backend{"sqlite", open_sqlite, check_sqlite},
    Backend{"null", open_null},
    Backend{"mysql"},
    Backend{"mariadb"},
    Backend{"postgres"},
    Backend{"postgresql"},
    Backend{"odbc"},
    Backend{"unixodbc"},
    Backend{"text"},
    Backend{"clickhouse"},
};

std::string backend_list() {
    std::string list;
    for (const std::string_view scheme : backends()) {
        if (!list.empty()) list += ", ";
        list += scheme;
    }
    return list;
}

}  // namespace

void Sink::append(std::string_view table, const record::Record& record,
                  std::span<const std::string_view> siblings) {
    if (const std::optional<Layout> layout = layout_for(options_.schema, record.kind)) {
        insert(table, *layout, record, siblings);
    } else {
        count(counts_.skipped, record.kind);
    }
}

void Sink::count(std::vector<NamedCount>& counts, std::string_view name, std::uint64_t more) {
    // Kinds come from the input, which may be anybody's: past so many names they share one.
    constexpr std::size_t most_names = 256;
    constexpr std::string_view others = "other";
    const auto named = [&](std::string_view n) { return std::ranges::find(counts, n, &NamedCount::name); };
    auto found = named(name);
    if (found == counts.end() && counts.size() >= most_names) {
        name = others;
        found = named(others);
    }
    if (found == counts.end())
        found = counts.insert(counts.end(), NamedCount{std::string(name.substr(0, 64)), 0});
    found->count += more;
}

std::vector<std::string_view> backends() {
    std::vector<std::string_view> built_in;
    for (const Backend& backend : known_backends) {
        if (backend.make != nullptr) built_in.push_back(backend.scheme);
    }
    return built_in;
}

std::unique_ptr<Sink> open_sink(std::string_view url, const SinkOptions& options, Log& log) {
    const std::size_t colon = url.find(':');
    if (colon == std::string_view::npos) {
        throw Error("the database URL names no kind of database (built in: " + backend_list() +
                        "); for a file write sqlite:PATH",
                    ExitCode::usage);
    }
    // Only the scheme is ever shown: the rest may hold a password.
    const std::string_view scheme = url.substr(0, colon);
    const auto* const backend = std::ranges::find(known_backends, scheme, &Backend::scheme);
    if (backend == known_backends.end()) {
        throw Error("unknown kind of database " + excerpt(scheme) + " (built in: " + backend_list() + ")",
                    ExitCode::usage);
    }
    if (backend->make == nullptr) {
        throw Error("the backend " + excerpt(scheme) +
                        " is not compiled into this binary (built in: " + backend_list() + ")",
                    ExitCode::usage);
    }
    const std::string_view location = url.substr(colon + 1);
    if (!options.dry_run) return backend->make(location, options, log);
    if (backend->check != nullptr) backend->check(location, options);
    return open_null({}, options, log);
}

}  // namespace hepcap::sink
