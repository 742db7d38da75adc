#include "sink/dbtext.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "base/file_descriptor.hpp"
#include "sink/dbtext_ledger.hpp"
#include "sink/dbtext_table.hpp"
#include "sink/open_tables.hpp"

namespace hepcap::sink {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_open_tables = 16;
// All rows that are known at a time; tables that are not needed are closed first.
constexpr std::size_t most_known = DbtextTable::most_rows;

// The module's default; a field that fills the buffer makes it refuse the file.
constexpr std::size_t default_buffer = 16'384;

struct Location {
    std::string directory;
    std::size_t buffer = default_buffer;
};

Location parse_location(std::string_view text) {
    constexpr std::string_view parameter = "file_buffer_size=";
    Location location;
    const std::size_t question = std::min(text.find('?'), text.size());
    std::string_view query = text.substr(question);
    text = text.substr(0, question);
    if (text.starts_with("//")) text.remove_prefix(2);
    if (text.empty())
        throw Error("the database URL text: names no directory; write text:DIR", ExitCode::usage);
    location.directory = std::string(text);
    if (query.empty()) return location;
    query.remove_prefix(1);
    const char* const last = query.data() + query.size();
    const auto number = query.starts_with(parameter) ? query.substr(parameter.size()) : std::string_view();
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), location.buffer);
    if (number.empty() || error != std::errc() || end != last || location.buffer < 256 ||
        location.buffer > (std::size_t{1} << 20)) {
        throw Error(
            "the database URL text: " + excerpt(query) +
                " is none of its parameters; the one there is is file_buffer_size=N, from 256 to 1048576",
            ExitCode::usage);
    }
    return location;
}

// One process writes at a time: a lock on a file of the directory, held for a transaction.
class DirectoryLock {
public:
    DirectoryLock(const std::string& directory, std::chrono::milliseconds patience)
        : path_(directory + "/.hepcap.lock"), patience_(patience) {
        constexpr mode_t mode = 0660;
        fd_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode));
        if (!fd_)
            throw Error(fmt::format("cannot open '{}': {}; the directory must be writable for you", path_,
                                    errno_text(errno)),
                        errno == EROFS || errno == ENOSPC ? ExitCode::temporary : ExitCode::data_error);
    }

    bool is_held() const { return is_held_; }
    void take() {
        constexpr std::chrono::milliseconds pause{2};
        const auto limit = std::chrono::steady_clock::now() + patience_;
        while (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
            if (std::chrono::steady_clock::now() >= limit)
                throw Error(fmt::format("'{}' stayed locked by another process for {} s; load the same input "
                                        "again, nothing is stored twice",
                                        path_, patience_.count() / 1000),
                            ExitCode::temporary);
            std::this_thread::sleep_for(pause);
        }
        is_held_ = true;
    }
    void release() {
        if (std::exchange(is_held_, false)) ::flock(fd_.get(), LOCK_UN);
    }

private:
    std::string path_;
    std::chrono::milliseconds patience_;
    FileDescriptor fd_;
    bool is_held_ = false;
};

class DbtextBackend final : public Backend {
public:
    DbtextBackend(Location location, const SinkOptions& options, Log& log)
        : location_(std::move(location)),
          create_(options.create),
          log_(log),
          lock_(location_.directory, options.busy_timeout),
          ledger_(location_.directory) {}

    void store(const RowGroup& rows) override;
    void commit() override;
    void settle() override { commit(); }
    void close() override {
        commit();
        tables_.clear();
    }
    bool is_finished(std::string_view input) override { return ledger_.holds(input); }
    void mark_finished(std::string_view input) override {
        begin();
        finished_.emplace_back(input);
    }
    std::vector<std::string> tables() override;
    void drop_table(std::string_view name) override;

private:
    void begin();
    DbtextTable& table_for(const std::string& name, Layout layout);
    void close_least_used();

    Location location_;
    bool create_;
    Log& log_;
    DirectoryLock lock_;
    DbtextLedger ledger_;
    OpenTables<std::unique_ptr<DbtextTable>> tables_{max_open_tables};
    std::vector<std::string> finished_;
    std::uint64_t inserted_ = 0;
    std::uint64_t already_there_ = 0;
};

void DbtextBackend::begin() {
    if (lock_.is_held()) return;
    lock_.take();
    tables_.erase_if([](const auto& table) { return !table->refresh(); });
}

DbtextTable& DbtextBackend::table_for(const std::string& name, Layout layout) {
    if (name.empty() || name.starts_with('.') || name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos || name == DbtextLedger::table) {
        throw Error("no table can be named " + excerpt(name) + "; choose another name", ExitCode::usage);
    }
    std::unique_ptr<DbtextTable>* table = tables_.find(name);
    if (table == nullptr) {
        if (tables_.is_full()) close_least_used();
        table = &tables_.add(name, std::make_unique<DbtextTable>(location_.directory, name, layout, create_,
                                                                 location_.buffer - 1, log_));
    }
    require_layout(name, (*table)->layout(), layout);
    return **table;
}

// What it holds of the transaction is committed before the rest, which loading again mends.
void DbtextBackend::close_least_used() {
    std::unique_ptr<DbtextTable>* const least = tables_.least_used();
    if (least == nullptr) return;
    (*least)->commit();
    tables_.erase(*least);
}

void DbtextBackend::store(const RowGroup& rows) {
    tables_.begin_group();
    begin();
    DbtextTable& own = table_for(rows.table, rows.layout);
    std::vector<DbtextTable*> siblings;
    for (const std::string& name : rows.siblings) {
        if (name != own.name()) siblings.push_back(&table_for(name, rows.layout));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = rows.row(i);
        const bool is_there =
            std::ranges::any_of(siblings, [&](DbtextTable* sibling) { return sibling->holds(row); });
        if (!is_there && own.insert(row, counts_.cut)) {
            ++inserted_;
        } else {
            ++already_there_;
        }
    }
    std::size_t known = 0;
    tables_.for_each([&](const auto& table) { known += table->rows(); });
    if (known > most_known && tables_.size() > 1 && rows.siblings.empty()) close_least_used();
}

void DbtextBackend::commit() {
    tables_.for_each([](const auto& table) { table->commit(); });
    // Behind the rows: what the ledger says is stored.
    for (const std::string& input : finished_) ledger_.add(input, create_);
    finished_.clear();
    lock_.release();
    counts_.inserted += std::exchange(inserted_, 0);
    counts_.already_there += std::exchange(already_there_, 0);
}

std::vector<std::string> DbtextBackend::tables() {
    std::vector<std::string> names;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(location_.directory, failed)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_regular_file(failed) && !name.starts_with('.')) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

void DbtextBackend::drop_table(std::string_view name) {
    commit();
    begin();
    tables_.erase(name);
    const std::string path = location_.directory + "/" + std::string(name);
    const bool is_gone = ::unlink(path.c_str()) == 0 || errno == ENOENT;
    const int cause = errno;
    lock_.release();
    if (!is_gone)
        throw Error(fmt::format("cannot drop table '{}': {}; the directory must be writable for you", path,
                                errno_text(cause)));
}

void require_directory(const std::string& directory, bool create) {
    std::error_code failed;
    if (fs::is_directory(directory, failed)) return;
    if (fs::exists(directory, failed))
        throw Error("'" + directory + "' is no directory; name the directory of the dbtext files");
    if (!create)
        throw Error("cannot open database '" + directory +
                    "': there is none; leave --no-create out and it is made, or name another");
}

}  // namespace

std::unique_ptr<Backend> open_dbtext(std::string_view text, const SinkOptions& options, Log& log) {
    Location location = parse_location(text);
    require_directory(location.directory, options.create);
    std::error_code failed;
    fs::create_directory(location.directory, failed);
    if (failed)
        throw Error("cannot make the directory '" + location.directory + "': " + failed.message() +
                    "; the one above must exist and be writable for you");
    return std::make_unique<DbtextBackend>(std::move(location), options, log);
}

void check_dbtext(std::string_view text, const SinkOptions& options) {
    const Location location = parse_location(text);
    require_directory(location.directory, options.create);
    const fs::path above = fs::path(location.directory).parent_path();
    const bool is_there = fs::is_directory(location.directory);
    const std::string place = is_there ? location.directory : above.empty() ? "." : above.string();
    if (::access(place.c_str(), W_OK | X_OK) != 0)
        throw Error("cannot write to '" + place + "': " + errno_text(errno) +
                    "; it must exist and be writable for you");
}

}  // namespace hepcap::sink
