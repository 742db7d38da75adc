#include "base/sync_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "base/file_descriptor.hpp"

namespace hepcap {

void sync_directory_of(const std::string& path) {
    const std::filesystem::path directory = std::filesystem::path(path).parent_path();
    const FileDescriptor fd(
        ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) ::fsync(fd.get());
}

}  // namespace hepcap
