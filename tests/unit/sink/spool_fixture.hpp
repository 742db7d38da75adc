// A directory for a spool that goes with the scope, and a log that remembers.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/log.hpp"

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "hepcap-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::string& path() const { return path_; }

    // Of all its files but hidden ones, in the order of their names.
    std::string contents() const {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
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

private:
    std::string path_;
};

struct RememberingLog : hepcap::Log {
    void warn(std::string_view sentence) override { sentences.append(sentence).append("\n"); }
    void error(std::string_view sentence) override { warn(sentence); }

    std::string sentences;
};
