#include "cli/import_kamailio.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

#include "cli/app.hpp"

namespace hepcap::cli {

namespace {

enum class Section { listen, raw, decode, load };

std::string quoted(const std::string& text) {
    std::ostringstream out;
    out << toml::value<std::string>(text);
    return out.str();
}
std::string quoted_list(const std::vector<std::string>& texts) {
    std::vector<std::string> parts;
    for (const std::string& text : texts) parts.push_back(quoted(text));
    return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

// As C reads an integer: what is none is 0.
long number(const std::string& text) { return std::strtol(text.c_str(), nullptr, 10); }
bool is_on(const std::string& text) { return number(text) != 0; }

std::string as_text(const std::string& value) { return quoted(value); }
std::string as_lower_text(const std::string& value) { return quoted(lower(value)); }
std::string as_list(const std::string& value) { return quoted_list({value}); }
std::string as_number(const std::string& value) { return std::to_string(number(value)); }
std::string as_truth(const std::string& value) { return is_on(value) ? "true" : "false"; }
std::string as_untruth(const std::string& value) { return is_on(value) ? "false" : "true"; }
std::string as_switch(const std::string& value) { return is_on(value) ? "'on'" : "'off'"; }
std::string as_keep(const std::string& value) { return is_on(value) ? "'keep'" : "'drop'"; }
std::string as_insert_mode(const std::string& value) {
    return number(value) == 1 ? "'delayed'" : number(value) == 2 ? "'async'" : "'sync'";
}

// Parameters with a key of their own.
struct Row {
    std::string_view param;
    Section section;
    std::string_view key;
    std::string (*convert)(const std::string&);
};
constexpr std::array rows{
    Row{"capture_on", Section::listen, "capture", as_switch},
    Row{"capture_on", Section::raw, "capture", as_switch},
    Row{"capture_bad_msgs", Section::listen, "bad-messages", as_keep},
    Row{"capture_node", Section::listen, "node", as_text},
    Row{"capture_node", Section::decode, "node", as_text},
    Row{"callid_aleg_header", Section::listen, "aleg-header", as_text},
    Row{"callid_aleg_header", Section::decode, "aleg-header", as_text},
    Row{"raw_interface", Section::raw, "interface", as_text},
    Row{"raw_socket_listen", Section::raw, "listen", as_list},
    Row{"raw_sock_children", Section::raw, "workers", as_number},
    Row{"promiscuous_on", Section::raw, "promiscuous", as_truth},
    Row{"raw_moni_bpf_on", Section::raw, "no-bpf", as_untruth},
    Row{"mt_mode", Section::load, "mt-mode", as_text},
    Row{"hash_source", Section::load, "hash-source", as_lower_text},
    Row{"db_insert_mode", Section::load, "insert-mode", as_insert_mode},
};

// Parameters without one.
struct Missing {
    std::string_view param;
    std::string_view reason;
};
constexpr std::array missing{
    Missing{"nonsip_hook",
            "hepcap-listen takes HEP on each of its addresses, and there is no script for it to "
            "go through; -Y and --forward-if select messages"},
    Missing{"event_callback", "hepcap runs no scripts; -Y and --forward-if select messages"},
    Missing{"insert_retries",
            "hepcap-load does not retry yet; it ends with status 75 where trying again may help, "
            "and loading the same records again completes them"},
    Missing{"insert_retry_timeout", "hepcap-load does not retry yet"},
    Missing{"authorization_column", "the module never fills that column, and hepcap has none"},
    Missing{"table_time_sufix", "the module never used it; strftime codes in table_name do what it promised"},
};

// A database URL of Kamailio as hepcap-load writes it; none where it has no such backend.
std::optional<std::string> database_url(const std::string& url) {
    const std::size_t end = url.find("://");
    if (end == std::string::npos) return std::nullopt;
    const std::string scheme = url.substr(0, end);
    const std::string rest = url.substr(end + 3);
    if (scheme == "mysql" || scheme == "postgres") return url;
    if (scheme == "sqlite") return "sqlite:" + rest;
    if (scheme == "text" || scheme == "dbtext") return "text:" + rest;
    if (scheme == "unixodbc") {
        const std::size_t slash = rest.rfind('/');
        return "odbc:DSN=" + (slash == std::string::npos ? rest : rest.substr(slash + 1));
    }
    return std::nullopt;
}

// The URL with the word PASSWORD in the place of one; none where there is none.
std::optional<std::string> without_password(const std::string& url) {
    const std::size_t begin = url.find("://");
    if (begin == std::string::npos) return std::nullopt;
    const std::size_t at = url.rfind('@');
    const std::size_t colon = url.find(':', begin + 3);
    if (at == std::string::npos || colon == std::string::npos || colon > at) return std::nullopt;
    return url.substr(0, colon + 1) + "PASSWORD" + url.substr(at);
}

class Importer {
public:
    Importer(const KamailioConfig& config, std::string name) : config_(config), name_(std::move(name)) {
        for (const KamailioParam& p : config_.params) {
            if (p.module == "sipcapture") last_[p.name] = &p;
        }
    }

    bool has_params() const { return !last_.empty(); }

    KamailioImport run() {
        add_rows();
        add_doors();
        add_raw();
        add_custom_headers();
        add_topoh();
        add_database();
        add_missing();
        return {to_toml(), without_.size()};
    }

private:
    const KamailioParam* find(std::string_view name) const {
        const auto found = last_.find(name);
        return found == last_.end() ? nullptr : found->second;
    }
    bool is_set(std::string_view name) const {
        const KamailioParam* const p = find(name);
        return p && is_on(p->value);
    }

    std::string place(const KamailioPlace& place) const {
        return place.file == name_ ? fmt::format("line {}", place.line)
                                   : fmt::format("'{}' line {}", place.file, place.line);
    }
    std::string origin(const KamailioParam& p) const { return fmt::format("{}: {}", place(p.place), p.name); }

    void add(Section section, std::string_view key, const std::string& value, const std::string& comment) {
        lines_[section].push_back(fmt::format("{} = {}  # {}", key, value, comment));
    }
    void add_comment(Section section, const std::string& comment) {
        lines_[section].push_back("# " + comment);
    }
    void leave_out(const KamailioPlace& where, std::string_view what, std::string_view reason) {
        without_.push_back(fmt::format("{}: {}: {}", place(where), what, reason));
    }

    void add_rows() {
        for (const Row& row : rows) {
            if (row.section == Section::decode && !is_raw()) continue;
            if (row.section == Section::raw && row.param == "capture_on" && !is_raw()) continue;
            if (const KamailioParam* const p = find(row.param)) {
                add(row.section, row.key, row.convert(p->value), origin(*p));
            }
        }
    }

    bool is_raw() const { return is_set("raw_moni_capture_on") || is_set("raw_ipip_capture_on"); }

    // Where HEP comes in, and the defaults in which the module differs.
    void add_doors() {
        constexpr Section s = Section::listen;
        if (!find("capture_on")) add(s, "capture", "'off'", "the module's default; no line sets capture_on");
        if (const KamailioParam* const hook = find("nonsip_hook"); hook && is_on(hook->value)) {
            add(s, "hep", "'on'", origin(*hook));
        } else if (const KamailioParam* const hep = find("hep_capture_on")) {
            add(s, "hep", as_switch(hep->value), origin(*hep));
        } else {
            add(s, "hep", "'off'", "the module's default; no line sets hep_capture_on");
        }
        const auto takes_tcp =
            std::any_of(config_.settings.begin(), config_.settings.end(), [](const KamailioParam& p) {
                return p.name == "tcp_accept_hep3" && (p.value == "yes" || p.value == "on" || is_on(p.value));
            });
        std::vector<std::string> addresses;
        std::vector<std::string> places;
        for (const KamailioParam& p : config_.settings) {
            if (p.name != "listen") continue;
            const bool is_stream = p.value.starts_with("tcp:") || p.value.starts_with("tls:");
            if (is_stream && !takes_tcp) {
                leave_out(p.place, "listen=" + p.value,
                          "tcp_accept_hep3 is not set, so HEP is not taken there");
            } else if (is_stream || p.value.starts_with("udp:")) {
                addresses.push_back(p.value);
                places.push_back(place(p.place));
            } else if (p.value.starts_with("sctp:")) {
                leave_out(p.place, "listen=" + p.value, "hepcap-listen has no SCTP");
            } else {
                addresses.push_back("udp:" + p.value);
                places.push_back(place(p.place));
            }
        }
        if (addresses.empty()) {
            add_comment(s,
                        "No listen line is an address for HEP: name them here, as in ['udp:0.0.0.0:9060'].");
        } else {
            add(s, "listen", quoted_list(addresses), fmt::format("{}: listen", fmt::join(places, ", ")));
        }
    }

    void add_raw() {
        constexpr Section s = Section::raw;
        const KamailioParam* const moni = find("raw_moni_capture_on");
        const KamailioParam* const ipip = find("raw_ipip_capture_on");
        if (is_set("raw_moni_capture_on") && is_set("raw_ipip_capture_on")) {
            leave_out(ipip->place, ipip->name,
                      "Kamailio does not start with both this and raw_moni_capture_on");
        }
        if (is_set("raw_moni_capture_on")) {
            add(s, "mode", "'mirror'", origin(*moni));
        } else if (is_set("raw_ipip_capture_on")) {
            add(s, "mode", "'ipip'", origin(*ipip));
        } else if (lines_.contains(s)) {
            add_comment(
                s,
                "Neither raw_moni_capture_on nor raw_ipip_capture_on is set: Kamailio captures nothing "
                "this way.");
        }
        if (is_raw() && !find("capture_on")) {
            add(s, "capture", "'off'", "the module's default; no line sets capture_on");
        }
        if (is_raw() && !find("raw_moni_bpf_on")) {
            add(s, "no-bpf", "true", "the module's default; no line sets raw_moni_bpf_on");
        }
    }

    // Names that no line gives are the module's and hepcap's alike.
    void add_custom_headers() {
        constexpr std::array<std::string_view, 3> defaults{"Mac", "IP", "Port"};
        std::vector<std::string> names(defaults.begin(), defaults.end());
        std::vector<std::string> places;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const KamailioParam* const p = find(fmt::format("custom_field{}_header", i + 1));
            if (!p) continue;
            if (p->value.empty()) {
                leave_out(p->place, p->name, "hepcap has no way to leave one of the three fields empty");
            } else {
                names[i] = p->value;
                places.push_back(origin(*p));
            }
        }
        if (places.empty()) return;
        for (const Section section : {Section::listen, Section::decode}) {
            if (section == Section::decode && !is_raw()) continue;
            add(section, "custom-header", quoted_list(names), fmt::format("{}", fmt::join(places, ", ")));
        }
    }

    void add_topoh() {
        const KamailioParam* const unmask = find("topoh_unmask");
        if (!unmask || number(unmask->value) != 1) return;
        const KamailioParam* key = nullptr;
        const KamailioParam* prefix = nullptr;
        for (const KamailioParam& p : config_.params) {
            if (p.module == "topoh" && p.name == "mask_key") key = &p;
            if (p.module == "topoh" && p.name == "callid_prefix") prefix = &p;
        }
        const std::string what =
            key ? fmt::format("put the mask_key of {} into this file", place(key->place))
                : "no line sets topoh's mask_key: put Kamailio's own, aL9.n8~Hm]Z, into this file";
        for (const Section section : {Section::listen, Section::decode}) {
            if (section == Section::decode && !is_raw()) continue;
            add(section, "topoh-key-file", "'/etc/hepcap/topoh-key'", origin(*unmask) + "; " + what);
            if (prefix) add(section, "topoh-prefix", quoted(prefix->value), origin(*prefix));
        }
    }

    void add_database() {
        const KamailioParam* const url = find("db_url");
        const KamailioParam* const table = find("table_name");
        std::vector<const KamailioParam*> modes;
        for (const KamailioParam& p : config_.params) {
            if (p.module == "sipcapture" && p.name == "capture_mode") modes.push_back(&p);
        }
        if (url) add_url(*url);
        if (table) add(Section::load, "table", quoted(table->value), origin(*table));
        if (!modes.empty()) add_modes(modes, url || table);
    }

    void add_url(const KamailioParam& p) {
        const auto url = database_url(p.value);
        const auto safe = without_password(p.value);
        if (!url) {
            leave_out(p.place, p.name, "hepcap-load has no backend for such a URL");
        } else if (safe && *url == p.value) {
            add(Section::load, "db-url-file", "'/etc/hepcap/db-url'",
                fmt::format("{}; put {} with its password into this file", origin(p), *safe));
        } else {
            add(Section::load, "db", quoted(*url), origin(p));
        }
    }

    // In Kamailio the script names the mode of each call; a load has one.
    void add_modes(const std::vector<const KamailioParam*>& modes, bool has_default) {
        std::vector<std::string> definitions;
        std::vector<std::string> places;
        bool has_password = false;
        for (const KamailioParam* const p : modes) {
            std::string definition = p->value;
            if (const auto safe = without_password(definition)) {
                definition = *safe;
                has_password = true;
            }
            definitions.push_back(definition);
            places.push_back(origin(*p));
        }
        const std::string first = definitions.front().substr(0, definitions.front().find_first_of("= \t"));
        const std::string line =
            fmt::format("capture-mode = {}  # {}{}", quoted_list(definitions), fmt::join(places, ", "),
                        has_password ? "; put the password in" : "");
        if (has_default) {
            add_comment(Section::load, "For loads of their own, in place of db and table:");
            add_comment(Section::load, line);
            add_comment(Section::load, fmt::format("mode = {}", quoted(first)));
            return;
        }
        lines_[Section::load].push_back(line);
        add(Section::load, "mode", quoted(first),
            modes.size() == 1 ? "the only one" : "the first; a load has one, and --mode names another");
    }

    bool has_row(std::string_view param) const {
        constexpr std::array<std::string_view, 10> elsewhere{
            "hep_capture_on",       "raw_moni_capture_on",  "raw_ipip_capture_on", "custom_field1_header",
            "custom_field2_header", "custom_field3_header", "topoh_unmask",        "db_url",
            "table_name",           "capture_mode"};
        return std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.param == param; }) ||
               std::find(elsewhere.begin(), elsewhere.end(), param) != elsewhere.end();
    }

    void add_missing() {
        for (const KamailioParam& p : config_.params) {
            if (p.module != "sipcapture" || has_row(p.name)) continue;
            if (p.name == "nonsip_hook" && !is_on(p.value)) continue;
            const auto* const known = std::find_if(missing.begin(), missing.end(),
                                                   [&](const Missing& m) { return m.param == p.name; });
            if (known != missing.end()) {
                leave_out(p.place, p.name, known->reason);
            } else if (p.name.ends_with("_column")) {
                // The column's own name, which is the parameter's, is what hepcap has.
                if (p.name != p.value + "_column" && p.name != "correlation_column") {
                    leave_out(p.place, p.name, "columns have the module's own names; a view can have others");
                }
            } else {
                leave_out(p.place, p.name, "the module has no such parameter");
            }
        }
        for (const KamailioNote& call : config_.calls) {
            leave_out(
                call.place, call.text,
                "the script is not imported; -Y selects messages, and --table and --route choose tables");
        }
        for (const KamailioNote& note : config_.notes) leave_out(note.place, "not read", note.text);
    }

    std::string to_toml() const {
        constexpr std::array<std::pair<Section, std::string_view>, 4> sections{{{Section::listen, "listen"},
                                                                                {Section::raw, "raw"},
                                                                                {Section::decode, "decode"},
                                                                                {Section::load, "load"}}};
        std::string out = fmt::format("# What {} says to the sipcapture module.\n", quoted(name_));
        for (const auto& [section, title] : sections) {
            const auto found = lines_.find(section);
            if (found == lines_.end()) continue;
            out += fmt::format("\n[{}]\n", title);
            for (const std::string& line : found->second) out += single_line(line) + "\n";
        }
        if (!without_.empty()) out += "\n# Without counterpart:\n";
        for (const std::string& line : without_) out += "#   " + single_line(line) + "\n";
        return out;
    }

    // Comments hold names and values of the file; a line end in one would end the comment.
    static std::string single_line(std::string line) {
        for (char& c : line) {
            if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
        }
        return line;
    }

    const KamailioConfig& config_;
    std::string name_;
    std::map<std::string_view, const KamailioParam*> last_;
    std::map<Section, std::vector<std::string>> lines_;
    std::vector<std::string> without_;
};

}  // namespace

void add_import_option(CLI::App& app, std::string& path) {
    app.add_option("--import-kamailio", path,
                   "Print the configuration equal to the sipcapture lines of a kamailio.cfg, and exit")
        ->type_name("FILE")
        ->configurable(false)
        ->group(group::common);
}

KamailioImport import_kamailio(const KamailioConfig& config, const std::string& name) {
    Importer importer(config, name);
    if (!importer.has_params()) {
        throw Error(fmt::format("'{}' has no modparam(\"sipcapture\", ...) that counts", name));
    }
    return importer.run();
}

ExitCode print_kamailio_import(const std::string& path, Log& log) {
    const KamailioImport import = import_kamailio(read_kamailio_config(path), path);
    std::cout << import.toml << std::flush;
    if (!std::cout) throw Error("cannot write to standard output");
    if (import.without_counterpart > 0) {
        log.warn(fmt::format("{} lines of '{}' have no counterpart; the comments at the end say why",
                             import.without_counterpart, path));
    }
    return ExitCode::done;
}

}  // namespace hepcap::cli
