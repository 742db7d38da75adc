#include "select/table_selector.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

using hepcap::Error;
using hepcap::ExitCode;
using hepcap::record::Record;
using hepcap::select::HashSource;
using hepcap::select::MultiTableMode;
using hepcap::select::parse_hash_source;
using hepcap::select::parse_multi_table_mode;
using hepcap::select::table_hash;
using hepcap::select::TableCause;
using hepcap::select::TableSelector;

namespace {

std::string refusal(std::string_view list) {
    try {
        TableSelector{list};
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

Record call(std::string_view callid, std::string_view from_user = {}, std::string_view to_user = {}) {
    Record record;
    record.callid = callid;
    record.from_user = from_user;
    record.to_user = to_user;
    return record;
}

std::vector<std::string> tables_of(std::string_view list) {
    TableSelector selector(list);
    std::vector<std::string> out;
    for (const std::string_view table : selector.tables_for(Record{})) out.emplace_back(table);
    return out;
}

std::string table_of(TableSelector& selector, const Record& record) {
    const auto choice = selector.table_for(record);
    return choice ? std::string(choice->name) : std::string(name(choice.error()));
}

using Placement = std::multiset<std::pair<std::string, std::string>>;  // table, Call-ID

}  // namespace

TEST_SUITE_BEGIN("select");

TEST_CASE("a list is separated by bars, blanks and tabs") {
    using Tables = std::vector<std::string>;
    CHECK(tables_of("a") == Tables{"a"});
    CHECK(tables_of("a|b|c") == Tables{"a", "b", "c"});
    CHECK(tables_of(" a | b\t|\tc ") == Tables{"a", "b", "c"});
    CHECK(tables_of("a b\tc") == Tables{"a", "b", "c"});
    CHECK(tables_of("a|a") == Tables{"a", "a"});
}

TEST_CASE("an empty element is refused, wherever it stands") {
    CHECK(refusal("") == "the list of tables is empty; name a table, or several joined by |");
    CHECK(refusal("a||b") == "table list 'a||b': element 2 is empty; name a table between the bars");
    CHECK(refusal("a| |b") == "table list 'a| |b': element 2 is empty; name a table between the bars");
    CHECK(refusal("|a") == "table list '|a': element 1 is empty; name a table between the bars");
    CHECK(refusal("a|") == "table list 'a|': element 2 is empty; name a table between the bars");
    CHECK(refusal(" ") == "table list ' ': element 1 is empty; name a table between the bars");
    CHECK(refusal("a|b;c").starts_with("table name 'b;c'"));
}

TEST_CASE("the hash is the CRC32 of the Call-ID up to its first white space") {
    TableSelector selector("t0|t1|t2|t3", MultiTableMode::hash, HashSource::call_id);
    struct Row {
        std::string_view callid;
        std::uint32_t hash;
        std::string_view table;
    };
    // What a running server computed and chose.
    const Row rows[] = {
        {"abc@h", 0x0ade457e, "t2"},    {"1234567890@127.0.0.1", 0xfaf02bc7, "t3"},
        {"x y", 0x8cdc1683, "t3"},      {"x", 0x8cdc1683, "t3"},
        {" \t\r\nx", 0x8cdc1683, "t3"}, {"alice", 0x278ebc47, "t3"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.callid);
        CHECK(table_hash(call(row.callid), HashSource::call_id) == row.hash);
        CHECK(table_of(selector, call(row.callid)) == row.table);
    }
}

TEST_CASE("messages go where the module's own run put them") {
    // t_a|t_b|t_c, by each of the three sources; an excerpt of that run.
    struct Row {
        HashSource source;
        std::string_view callid, from_user, to_user, table;
    };
    const Row rows[] = {
        {HashSource::call_id, "068646d99fi1iq35pzjy502ra9cgzmtz@sip2.example.net", "anonymous",
         "+634721828619", "t_a"},
        {HashSource::call_id, "2u4lbt9rb4aj9j3b", "+39016137855", "fls8hhzu43p", "t_a"},
        {HashSource::call_id, "5oprsl", "", "*38", "t_a"},
        {HashSource::call_id, "1jctnlgyeqws3hc1gwo9m3lfnslhyjmh@pbx-imp3.voice.example.co.uk", "anonymous",
         "anonymous", "t_b"},
        {HashSource::call_id, "3ij44i7bv9q6daa4@[2001:db8::86b0]", "+426429875389", "*59", "t_b"},
        {HashSource::call_id, "651a6q0nk7efu67i", "bub%20qe", "3epa.9fd", "t_b"},
        {HashSource::call_id, "232rxu", "", "anonymous", "t_c"},
        {HashSource::call_id, "45ptvxdjp40guzrg@sip3.example.org", "jb3-i68_x", "*56", "t_c"},
        {HashSource::call_id, "6hsw6a@pbx-drr8.voice.example.co.uk", "2qwi.ik8", "u7u8.mss", "t_c"},
        {HashSource::from_user, "05m1kkx03gckeybtxqtcqu4218yhxupg", "uxx", "rtt%205f", "t_a"},
        {HashSource::from_user, "2i5jnkr1n17ira65@10.123.193.12", "6od7.wvj", "r9q1.qmf", "t_a"},
        {HashSource::from_user, "4s6in0acs37ifvg9bm233j466re2pc3l@sip8.example.net", "+152959039628",
         "3fi-xxn_x", "t_a"},
        {HashSource::from_user, "3joxclfnoulhvq8j", "8o0%20v3", "5hb4", "t_b"},
        {HashSource::from_user, "63huvvtg53agwm54gihlkdd8stnzw3ph", "hfby.uqj", "*75", "t_b"},
        {HashSource::from_user, "91gpbsvtehth31dl", "jcs%20i2", "0vn-26i_x", "t_b"},
        {HashSource::from_user, "1h3znoz11g2uo186i1s6z1nibeee1md1", "yf0%20zz", "+970664734820", "t_c"},
        {HashSource::from_user, "3wqgp8", "cjn-jrv_x", "vn2%20rp", "t_c"},
        {HashSource::from_user, "6zhawnf31l7qr4hll15va8yx7aw22x5u@localhost", "vtg-j0v_x", "anonymous",
         "t_c"},
        {HashSource::to_user, "01nnj6@pbx-klf3.voice.example.co.uk", "+5787914118", "f8gy.qtt", "t_a"},
        {HashSource::to_user, "2taz7gjattkfl03u", "s2u%206y", "emy-ibh_x", "t_a"},
        {HashSource::to_user, "4dzp8zuauun31kay@localhost", "dkh7.o3c", "psqr0271", "t_a"},
        {HashSource::to_user, "0zktiq1it5pt7zii", "", "+381014452314", "t_b"},
        {HashSource::to_user, "4092d7", "+336578509197", "o4ok.3a6", "t_b"},
        {HashSource::to_user, "6gydue6hpgic08qw", "anonymous", "d8v%2073", "t_b"},
        {HashSource::to_user, "28tar3hwyy3nqn2b@sip5.example.net", "anonymous", "npa%20rz", "t_c"},
        {HashSource::to_user, "5awmcwv79knpvmpq@localhost", "xbxe.9ho", "etnssba6kf2", "t_c"},
        {HashSource::to_user, "8xqciqqnyx5ttq9w2we9u8xmpomovm4p", "4i7%20n4", "*73", "t_c"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.callid);
        CAPTURE(name(row.source));
        TableSelector selector("t_a|t_b|t_c", MultiTableMode::hash, row.source);
        CHECK(table_of(selector, call(row.callid, row.from_user, row.to_user)) == row.table);
    }
}

TEST_CASE("octets from 0x80 on are hashed as what they are") {
    // Computed by another implementation of the same CRC.
    CHECK(table_hash(call("\xc3\xa9\xff\x80"), HashSource::call_id) == 0xed898649);
}

TEST_CASE("the user decides where it is the source, and the Call-ID where the user is absent") {
    const Record both = call("abc@h", "alice", "x");
    CHECK(table_hash(both, HashSource::from_user) == 0x278ebc47);
    CHECK(table_hash(both, HashSource::to_user) == 0x8cdc1683);
    CHECK(table_hash(call("abc@h"), HashSource::from_user) == 0x0ade457e);
    CHECK(table_hash(call("abc@h"), HashSource::to_user) == 0x0ade457e);
    // A user is hashed whole.
    CHECK(table_hash(call("abc@h", "x y"), HashSource::from_user) != 0x8cdc1683);
}

TEST_CASE("a record with nothing to hash goes to the first table") {
    for (const HashSource source : {HashSource::call_id, HashSource::from_user, HashSource::to_user}) {
        TableSelector selector("a|b|c", MultiTableMode::hash, source);
        CHECK(table_of(selector, Record{}) == "a");
        CHECK(table_of(selector, call(" \t")) == "a");
    }
}

TEST_CASE("rand spreads records evenly and puts each where it was put before") {
    std::map<std::string, int> count;
    TableSelector first("a|b|c|d", MultiTableMode::rand);
    TableSelector second("a|b|c|d", MultiTableMode::rand);
    for (int i = 0; i < 8000; ++i) {
        // Uids that differ in the upper half alone, as the worst of hashes would make them.
        char uid[17];
        std::snprintf(uid, sizeof uid, "%08x00000000", static_cast<unsigned>(i));
        Record record;
        record.uid = uid;
        const std::string table = table_of(first, record);
        CHECK(table_of(second, record) == table);
        ++count[table];
    }
    CHECK(count.size() == 4);
    for (const auto& [table, records] : count) {
        CAPTURE(table);
        CHECK(records > 1800);
        CHECK(records < 2200);
    }
    CHECK(!first.is_round_robin());
}

TEST_CASE("rand takes a uid of any form, and the first table without one") {
    TableSelector selector("a|b|c", MultiTableMode::rand);
    CHECK(table_of(selector, Record{}) == "a");
    Record record;
    record.uid = "not a number";
    CHECK(table_of(selector, record) == table_of(selector, record));
}

TEST_CASE("round robin goes from table to table") {
    TableSelector selector("a|b|c", MultiTableMode::round_robin);
    CHECK(selector.is_round_robin());
    std::string order;
    for (int i = 0; i < 7; ++i) order += table_of(selector, Record{});
    CHECK(order == "abcabca");
    CHECK(!TableSelector("a", MultiTableMode::round_robin).is_round_robin());
}

TEST_CASE("names in a list follow the record's time") {
    TableSelector selector("call_%Y%m%d|other", MultiTableMode::round_robin);
    Record record;
    record.micro_ts = 1'428'451'199'000'000;
    const auto choice = selector.table_for(record);
    REQUIRE(choice.has_value());
    CHECK(choice->name == "call_20150407");
    CHECK(choice->follows_time);
    CHECK(!selector.table_for(record)->follows_time);

    const auto all = selector.tables_for(record);
    REQUIRE(all.size() == 2);
    CHECK(all[0] == "call_20150407");
    CHECK(all[1] == "other");

    CHECK(selector.table_for(Record{}).error() == TableCause::no_time);
    CHECK(selector.tables_for(Record{}).size() == 1);
}

TEST_CASE("modes are written exactly, hash sources in any case") {
    CHECK(parse_multi_table_mode("round_robin", "--mt-mode") == MultiTableMode::round_robin);
    CHECK(parse_hash_source("From_User", "--hash-source") == HashSource::from_user);
    CHECK_THROWS_WITH_AS(parse_multi_table_mode("Hash", "--mt-mode"),
                         "--mt-mode: 'Hash' is none of rand, round_robin, hash; did you mean 'hash'?", Error);
    CHECK_THROWS_WITH_AS(parse_hash_source("x", "--hash-source"),
                         "--hash-source: 'x' is none of call_id, from_user, to_user", Error);
    for (const auto mode : {MultiTableMode::rand, MultiTableMode::round_robin, MultiTableMode::hash}) {
        CHECK(parse_multi_table_mode(name(mode), "x") == mode);
    }
    for (const auto source : {HashSource::call_id, HashSource::from_user, HashSource::to_user}) {
        CHECK(parse_hash_source(name(source), "x") == source);
    }
}

TEST_CASE("all 1,500 messages of the parity capture go where Kamailio put them") {
    const char* const named = std::getenv("TESTDATA");
    const std::filesystem::path directory =
        std::filesystem::path(named ? named : HEPCAP_SOURCE_DIR "/testdata") / "kamailio-parity";
    std::ifstream rows(directory / "rows.ndjson");
    if (!rows) {
        MESSAGE("left out: no " << directory.string() << "/rows.ndjson");
        return;
    }
    std::vector<std::array<std::string, 3>> messages;
    for (std::string line; std::getline(rows, line);) {
        const auto row = nlohmann::json::parse(line);
        messages.push_back({row.at("callid"), row.at("from_user"), row.at("to_user")});
    }
    CHECK(messages.size() == 1500);

    for (const HashSource source : {HashSource::call_id, HashSource::from_user, HashSource::to_user}) {
        const std::string table_file = "tables." + std::string(name(source)) + ".tsv";
        CAPTURE(table_file);
        std::ifstream stored(directory / table_file);
        REQUIRE(stored.is_open());
        Placement theirs;
        std::string line;
        std::getline(stored, line);  // the names of the columns
        while (std::getline(stored, line)) {
            const std::size_t tab = line.find('\t');
            theirs.emplace(line.substr(0, tab), line.substr(tab + 1));
        }

        TableSelector selector("t_a|t_b|t_c", MultiTableMode::hash, source);
        Placement ours;
        for (const auto& [callid, from_user, to_user] : messages) {
            // Where the source is empty, Kamailio stores nothing.
            if (source == HashSource::from_user && from_user.empty()) continue;
            if (source == HashSource::to_user && to_user.empty()) continue;
            ours.emplace(table_of(selector, call(callid, from_user, to_user)), callid);
        }
        CHECK(!theirs.empty());
        CHECK(ours == theirs);
    }
}

TEST_SUITE_END();
