#include "capture/merged_source.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;

namespace {

// Packets whose data is the name of the file and whose times are the seconds given.
std::unique_ptr<Source> file_of(const std::string& name, const std::vector<std::uint32_t>& seconds,
                                Log& log) {
    Writer out;
    pcap_header(out);
    for (const std::uint32_t second : seconds) pcap_record(out, second, 0, name + std::to_string(second));
    return std::make_unique<FileSource>(name, log, reading(out.octets));
}

std::string order(const std::vector<std::vector<std::uint32_t>>& files) {
    MemoryLog log;
    std::vector<std::unique_ptr<Source>> sources;
    for (std::size_t i = 0; i < files.size(); ++i) {
        sources.push_back(file_of(std::string(1, static_cast<char>('a' + i)), files[i], log));
    }
    MergedSource merged(std::move(sources));
    std::string all;
    for (const Seen& seen : read_all(merged)) all += seen.data + " ";
    return all;
}

}  // namespace

TEST_SUITE("capture") {
    TEST_CASE("packets of several files come in the order of time") {
        CHECK(order({{1, 4, 7}, {2, 5}, {3, 6, 8, 9}}) == "a1 b2 c3 a4 b5 c6 a7 c8 c9 ");
        CHECK(order({{}, {2}, {}}) == "b2 ");
        CHECK(order({}) == "");
    }

    TEST_CASE("packets of the same time come in the order of the files") {
        CHECK(order({{5, 5}, {5}, {4, 5}}) == "c4 a5 a5 b5 c5 ");
    }

    TEST_CASE("a file that is not sorted keeps its own order") {
        CHECK(order({{3, 1, 2}, {2, 4}}) == "b2 a3 a1 a2 b4 ");
    }

    TEST_CASE("merging many sorted files sorts all packets and loses none") {
        std::minstd_rand random(7);
        std::vector<std::vector<std::uint32_t>> files(40);
        std::size_t total = 0;
        for (auto& file : files) {
            file.resize(random() % 50);
            for (auto& second : file) second = static_cast<std::uint32_t>(random() % 1000);
            std::sort(file.begin(), file.end());
            total += file.size();
        }
        MemoryLog log;
        std::vector<std::unique_ptr<Source>> sources;
        for (const auto& file : files) sources.push_back(file_of("f", file, log));
        MergedSource merged(std::move(sources));
        const std::vector<Seen> seen = read_all(merged);
        CHECK(seen.size() == total);
        CHECK(std::is_sorted(seen.begin(), seen.end(),
                             [](const Seen& a, const Seen& b) { return a.ns < b.ns; }));
    }

    TEST_CASE("a file that cannot be opened is an error in the log, and the others are read") {
        Writer out;
        pcap_header(out);
        pcap_record(out, 1, 0, "x");
        const std::filesystem::path path =
            std::filesystem::temp_directory_path() / ("hepcap-merge-" + std::to_string(::getpid()));
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(out.octets.data()),
                   static_cast<std::streamsize>(out.octets.size()));
        MemoryLog log;
        const std::vector<std::string> names{"/nonexistent.pcap", path.string()};
        const std::unique_ptr<Source> source = open_files(names, log);
        CHECK(read_all(*source).size() == 1);
        CHECK(log.errors ==
              std::vector<std::string>{"cannot open '/nonexistent.pcap': No such file or directory"});
        CHECK(source->damaged_inputs() == 1);
        std::filesystem::remove(path);
    }
}
