// A name in a directory lasts through a crash of the machine once the directory, too, is on the disk.
#pragma once

#include <string>

namespace hepcap {

// Writes out the directory of the file `path`.  One that may be written but not read cannot be synced, and
// is left.
void sync_directory_of(const std::string& path);

}  // namespace hepcap
