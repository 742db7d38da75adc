#include "sink/sqlite_rows.hpp"

#include <algorithm>
#include <new>
#include <string>

namespace hepcap::sink {

// SQLite makes and frees cursors and tables through the module's functions, which are C: nothing may be
// thrown out of them.
struct SqliteRows::Cursor : sqlite3_vtab_cursor {
    SqliteRows* owner = nullptr;
    std::size_t at = 0;

    void skip_left_out() {
        while (at < owner->left_out_.size() && owner->left_out_[at] != 0) ++at;
    }
};

struct SqliteRows::Module : sqlite3_module {
    struct Table : sqlite3_vtab {
        SqliteRows* owner = nullptr;
    };

    static Cursor& cursor(sqlite3_vtab_cursor* base) { return *static_cast<Cursor*>(base); }

    static int connect(sqlite3* database, void* owner, int, const char* const*, sqlite3_vtab** made, char**) {
        std::string sql = "CREATE TABLE x(c0";
        const std::size_t most =
            std::max({columns(Layout::sip_capture).size(), columns(Layout::report_capture).size(),
                      columns(Layout::record).size()});
        for (std::size_t i = 1; i < most; ++i) sql += ",c" + std::to_string(i);
        const int status = sqlite3_declare_vtab(database, (sql + ")").c_str());
        if (status != SQLITE_OK) return status;
        auto* const connected = new (std::nothrow) Table{};
        if (connected == nullptr) return SQLITE_NOMEM;
        connected->owner = static_cast<SqliteRows*>(owner);
        *made = connected;
        return SQLITE_OK;
    }

    static int disconnect(sqlite3_vtab* base) {
        delete static_cast<Table*>(base);
        return SQLITE_OK;
    }

    // There is one way to read it: from the first row to the last.
    static int best_index(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }

    static int open(sqlite3_vtab* base, sqlite3_vtab_cursor** made) {
        auto* const opened = new (std::nothrow) Cursor{};
        if (opened == nullptr) return SQLITE_NOMEM;
        opened->owner = static_cast<Table*>(base)->owner;
        *made = opened;
        return SQLITE_OK;
    }

    static int close(sqlite3_vtab_cursor* base) {
        delete &cursor(base);
        return SQLITE_OK;
    }

    static int filter(sqlite3_vtab_cursor* base, int, const char*, int, sqlite3_value**) {
        cursor(base).at = 0;
        cursor(base).skip_left_out();
        return SQLITE_OK;
    }

    static int next(sqlite3_vtab_cursor* base) {
        ++cursor(base).at;
        cursor(base).skip_left_out();
        return SQLITE_OK;
    }

    static int eof(sqlite3_vtab_cursor* base) {
        const Cursor& c = cursor(base);
        return c.owner->rows_ == nullptr || c.at >= c.owner->rows_->size() ? 1 : 0;
    }

    static int row_id(sqlite3_vtab_cursor* base, sqlite3_int64* id) {
        *id = static_cast<sqlite3_int64>(cursor(base).at);
        return SQLITE_OK;
    }

    static int column(sqlite3_vtab_cursor* base, sqlite3_context* result, int number);
};

// The texts stay until the statement is done, so SQLite need not copy them.
int SqliteRows::Module::column(sqlite3_vtab_cursor* base, sqlite3_context* result, int number) {
    const Cursor& c = cursor(base);
    const auto i = static_cast<std::size_t>(number);
    const RowGroup& rows = *c.owner->rows_;
    if (i >= rows.width) return SQLITE_OK;
    const Value& value = rows.values[c.at * rows.width + i];
    const ColumnRule& rule = c.owner->rules_[i];
    switch (value.type) {
        case Value::Type::text:
        case Value::Type::octets: {
            const std::string_view text = fit(value, rule.width);
            if (text.size() < value.size) ++c.owner->cut_[i];
            if (value.type == Value::Type::text) {
                sqlite3_result_text64(result, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
            } else {
                sqlite3_result_blob64(result, text.data(), text.size(), SQLITE_STATIC);
            }
            break;
        }
        case Value::Type::integer: sqlite3_result_int64(result, value.integer); break;
        case Value::Type::real: sqlite3_result_double(result, value.real); break;
        case Value::Type::absent:
            if (rule.absent == ColumnRule::Absent::zero) {
                sqlite3_result_int64(result, 0);
            } else if (rule.absent == ColumnRule::Absent::empty) {
                sqlite3_result_text64(result, "", 0, SQLITE_STATIC, SQLITE_UTF8);
            }
            break;
    }
    return SQLITE_OK;
}

SqliteRows::SqliteRows(sqlite3* database) {
    static const Module module = [] {
        Module m{};
        m.xConnect = Module::connect;  // without xCreate the table is eponymous only
        m.xDisconnect = Module::disconnect;
        m.xBestIndex = Module::best_index;
        m.xOpen = Module::open;
        m.xClose = Module::close;
        m.xFilter = Module::filter;
        m.xNext = Module::next;
        m.xEof = Module::eof;
        m.xColumn = Module::column;
        m.xRowid = Module::row_id;
        return m;
    }();
    if (sqlite3_create_module(database, "hepcap rows", &module, this) != SQLITE_OK) throw std::bad_alloc();
}

void SqliteRows::show(const RowGroup& rows, std::span<const ColumnRule> rules,
                      std::span<const std::uint8_t> left_out) {
    rows_ = &rows;
    rules_ = rules;
    left_out_ = left_out;
    cut_.assign(rows.width, 0);
}

}  // namespace hepcap::sink
