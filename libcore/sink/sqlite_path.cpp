#include "sink/sqlite_path.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"

namespace hepcap::sink {
namespace {

// SQLite file format, 1.3: the first octets of every database, a NUL behind them.
constexpr std::string_view magic("SQLite format 3\0", 16);

bool is_in_memory(const std::string& path) { return path == ":memory:"; }

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// An empty file becomes a database.
bool is_database_or_empty(const std::string& path) {
    std::string start(magic.size(), '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(start.data(), static_cast<std::streamsize>(start.size()));
    return file.gcount() == 0 || start == magic;
}

}  // namespace

void require_sqlite_file(const std::string& path, bool create) {
    if (create || is_in_memory(path) || exists(path)) return;
    throw Error("cannot open database '" + path +
                "': there is none; leave --no-create out and it is made, or name another");
}

void check_sqlite_path(const std::string& path, bool create) {
    require_sqlite_file(path, create);
    if (is_in_memory(path)) return;
    const std::string name = "database '" + path + "'";
    const std::string directory = std::filesystem::path(path).parent_path().string();
    // SQLite makes its journal beside the database.
    if (::access(directory.empty() ? "." : directory.c_str(), W_OK | X_OK) != 0) {
        throw Error("cannot write " + name + ": its directory: " + errno_text(errno) +
                    "; the directory must exist and be writable for you");
    }
    if (!exists(path)) return;
    if (std::filesystem::is_directory(path)) throw Error("cannot open " + name + ": it is a directory");
    if (::access(path.c_str(), R_OK | W_OK) != 0) {
        throw Error("cannot write " + name + ": " + errno_text(errno) + "; it must be writable for you");
    }
    if (std::filesystem::is_regular_file(path) && !is_database_or_empty(path)) {
        throw Error("'" + path + "' is no SQLite database; name another file, or move this one away");
    }
}

}  // namespace hepcap::sink
