#include "load/folder_watch.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/error.hpp"
#include "temporary_directory.hpp"

using hepcap::Error;
using hepcap::load::FolderWatch;
using std::chrono::milliseconds;

namespace {

struct Folder : hepcap::test::TemporaryDirectory {
    void write(const std::string& name) const { std::ofstream(path() / name) << "text\n"; }
};

std::multiset<std::string> arrived(FolderWatch& watch) {
    std::multiset<std::string> names;
    while (const auto path = watch.next(milliseconds(20)))
        names.insert(std::filesystem::path(*path).filename().string());
    return names;
}

using Names = std::multiset<std::string>;

}  // namespace

TEST_CASE("what is there comes first, by name, and what is closed or renamed into the directory after it") {
    const Folder folder;
    folder.write("b");
    folder.write("a");
    FolderWatch watch({folder.path().string()});
    CHECK(watch.next(milliseconds(0)) == (folder.path() / "a").string());
    CHECK(watch.next(milliseconds(0)) == (folder.path() / "b").string());
    folder.write("c");
    folder.write("d.part");
    CHECK(arrived(watch) == Names{"c"});
    std::filesystem::rename(folder.path() / "d.part", folder.path() / "d");
    CHECK(arrived(watch) == Names{"d"});
}

TEST_CASE("names that are still being written, and what is no file, are not looked at") {
    const Folder folder;
    folder.write(".hidden");
    folder.write("x.part");
    std::filesystem::create_directory(folder.path() / "folder");
    FolderWatch watch({folder.path().string()});
    folder.write(".later");
    folder.write("y.part");
    std::filesystem::create_directory(folder.path() / "another");
    CHECK(arrived(watch).empty());
}

TEST_CASE("a directory that is missing or goes away is an error that names it") {
    CHECK_THROWS_WITH_AS(FolderWatch({"/nowhere/at/all"}),
                         "cannot watch '/nowhere/at/all': No such file or directory; it must be a directory "
                         "that you may read",
                         Error);
    const Folder folder;
    FolderWatch watch({folder.path().string()});
    std::filesystem::remove_all(folder.path());
    CHECK_THROWS_AS(watch.next(milliseconds(100)), Error);
}
