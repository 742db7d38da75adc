#include "load/load_lock.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "temporary_directory.hpp"

using hepcap::Error;
using hepcap::load::LoadLock;
namespace fs = std::filesystem;

TEST_CASE("the lock of an SQLite database lies beside it, by whatever name it is reached") {
    const hepcap::test::TemporaryDirectory directory;
    const fs::path& folder = directory.path();
    std::ofstream(folder / "calls.db").put('x');
    fs::create_symlink("calls.db", folder / "link.db");
    {
        LoadLock lock("sqlite:" + (folder / "calls.db").string());
        CHECK(lock.path() == (fs::canonical(folder) / "calls.db.lock").string());
        CHECK(lock.take(false) == LoadLock::Outcome::held);
        LoadLock other("sqlite://" + (folder / "link.db").string());
        CHECK(other.take(false) == LoadLock::Outcome::busy);
    }
    LoadLock again("sqlite:" + (folder / "calls.db").string());
    CHECK(again.take(false) == LoadLock::Outcome::held);

    // Somebody may have laid a link there, to a file that is not to be touched.
    fs::create_symlink("calls.db", folder / "other.db.lock");
    CHECK_THROWS_AS(LoadLock("sqlite:" + (folder / "other.db").string()), Error);
    fs::create_hard_link(folder / "calls.db", folder / "third.db.lock");
    CHECK_THROWS_AS(LoadLock("sqlite:" + (folder / "third.db").string()), Error);
}

TEST_CASE("the password of a URL has no part in the name of its lock, and the database has") {
    const LoadLock one("mysql://hepcap:first@db.example.com/homer");
    const LoadLock two("mysql://hepcap:second@db.example.com/homer");
    const LoadLock other("mysql://hepcap:first@db.example.com/homer5");
    CHECK(one.path() == two.path());
    CHECK(one.path() != other.path());
    CHECK(one.path().find("first") == std::string::npos);
    fs::remove(one.path());
    fs::remove(other.path());
}

TEST_CASE("a database that is nobody else's needs no lock") {
    CHECK(LoadLock("null:").take(false) == LoadLock::Outcome::held);
    CHECK(LoadLock("sqlite::memory:").path().empty());
}
