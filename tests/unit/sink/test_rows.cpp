#include "sink/rows.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hepcap;
using namespace hepcap::sink;

namespace {

struct Adder {
    RowBatch batch;
    RowValues values;

    bool add(std::string_view table, const std::string& msg, std::int64_t micro_ts = 1) {
        record::Record r;
        r.kind = record::kind::sip;
        r.micro_ts = micro_ts;
        r.uid = "0123456789abcdef";
        r.msg = msg;
        return batch.add(table, Layout::sip_capture, r, values, {});
    }
};

std::size_t index_of(std::string_view name) {
    const auto all = columns(Layout::sip_capture);
    std::size_t i = 0;
    while (all[i].name != name) ++i;
    return i;
}

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("a batch keeps what the records were made of") {
        Adder a;
        for (int i = 0; i < 100; ++i) {
            std::string text = "message " + std::to_string(i);
            REQUIRE(a.add("t", text, i));
            text.assign(text.size(), '?');
        }
        REQUIRE(a.batch.groups().size() == 1);
        const RowGroup& group = a.batch.groups()[0];
        REQUIRE(group.size() == 100);
        for (std::size_t i = 0; i < 100; ++i) {
            CHECK(group.row(i)[index_of("msg")].text() == "message " + std::to_string(i));
            CHECK(group.row(i)[index_of("micro_ts")].integer == static_cast<std::int64_t>(i));
            CHECK(group.row(i)[index_of("uid")].text() == "0123456789abcdef");
        }
        CHECK(group.present[index_of("msg")] != 0);
        CHECK(group.present[index_of("ruri")] == 0);
    }

    TEST_CASE("a record without payload makes a row with an empty text where the schema has one") {
        RowBatch batch;
        RowValues values;
        record::Record r;
        r.kind = record::kind::sip;
        r.micro_ts = 1;
        REQUIRE(batch.add("t", Layout::homer7, r, values, {}));
        for (const Value& value : batch.groups()[0].row(0)) {
            if (value.is_textual()) CHECK(value.text().data() != nullptr);
        }
    }

    TEST_CASE("rows of several tables lie each with its own, in their order") {
        Adder a;
        for (const char* const table : {"a", "b", "a", "c", "b", "a"}) REQUIRE(a.add(table, table));
        std::string seen;
        for (const RowGroup& group : a.batch.groups()) {
            seen += group.table + std::to_string(group.size());
            for (std::size_t i = 0; i < group.size(); ++i) {
                CHECK(group.row(i)[index_of("msg")].text() == group.table);
            }
        }
        CHECK(seen == "a3b2c1");
        CHECK(a.batch.size() == 6);
    }

    TEST_CASE("a text that is no UTF-8, or holds a NUL, is octets") {
        Adder a;
        a.add("t", "plain");
        a.add("t", "\xFF");
        a.add("t", std::string("a\0b", 3));
        a.add("t", "J\xC3\xBCrgen");
        const RowGroup& group = a.batch.groups()[0];
        std::string seen;
        for (std::size_t i = 0; i < 4; ++i) {
            seen += group.row(i)[index_of("msg")].type == Value::Type::octets ? 'o' : 't';
        }
        CHECK(seen == "toot");
    }

    TEST_CASE("a batch has an end, and an empty one takes a row of any size") {
        Adder a;
        const std::string quarter(RowBatch::most_text / 4, 'x');
        int rows = 0;
        while (a.add("t", quarter)) ++rows;
        CHECK(rows == 3);
        CHECK(a.batch.size() == 3);
        CHECK(a.batch.groups()[0].size() == 3);
        a.batch.clear();
        CHECK(a.add("t", std::string(RowBatch::most_text * 3, 'y')));
        CHECK_FALSE(a.add("t", "z"));
        CHECK(a.batch.groups()[0].row(0)[index_of("msg")].text().size() == RowBatch::most_text * 3);
        a.batch.clear();
        CHECK(a.batch.size() == 0);
        while (!a.batch.is_full()) REQUIRE(a.add("t", "z"));
        CHECK(a.batch.size() == RowBatch::most_rows);
    }
}
