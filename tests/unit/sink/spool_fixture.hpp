// What the tests of the spool share: what stands in its directory, and a log that remembers.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "temporary_directory.hpp"

using hepcap::test::TemporaryDirectory;

// Of all files but hidden ones, in the order of their names.
inline std::string contents(const TemporaryDirectory& directory) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
        if (entry.path().filename().string()[0] != '.') files.push_back(entry.path());
    }
    std::ranges::sort(files);
    std::string all;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
}

struct RememberingLog : hepcap::Log {
    void warn(std::string_view sentence) override { sentences.append(sentence).append("\n"); }
    void error(std::string_view sentence) override { warn(sentence); }

    std::string sentences;
};
