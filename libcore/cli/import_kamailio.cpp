#include "cli/import_kamailio.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <optional>
#include <vector>

#include "cli/app.hpp"
#include "cli/kamailio_params.hpp"

namespace hepcap::cli {

namespace {

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
        return p && is_kamailio_on(p->value);
    }

    std::string place(const KamailioPlace& place) const {
        return place.file == name_ ? fmt::format("line {}", place.line)
                                   : fmt::format("'{}' line {}", place.file, place.line);
    }
    std::string origin(const KamailioParam& p) const { return fmt::format("{}: {}", place(p.place), p.name); }

    void add(ConfigSection section, std::string_view key, const std::string& value,
             const std::string& comment) {
        lines_[section].push_back(fmt::format("{} = {}  # {}", key, value, comment));
    }
    void add_comment(ConfigSection section, const std::string& comment) {
        lines_[section].push_back("# " + comment);
    }
    void leave_out(const KamailioPlace& where, std::string_view what, std::string_view reason) {
        without_.push_back(fmt::format("{}: {}: {}", place(where), what, reason));
    }

    void add_rows() {
        for (const KamailioKey& row : kamailio_keys()) {
            if (row.section == ConfigSection::decode && !is_raw()) continue;
            if (row.section == ConfigSection::raw && row.param == "capture_on" && !is_raw()) continue;
            if (const KamailioParam* const p = find(row.param)) {
                add(row.section, row.key, row.to_toml(p->value), origin(*p));
            }
        }
    }

    bool is_raw() const { return is_set("raw_moni_capture_on") || is_set("raw_ipip_capture_on"); }

    // Where HEP comes in, and the defaults in which the module differs.
    void add_doors() {
        constexpr ConfigSection s = ConfigSection::listen;
        if (!find("capture_on")) add(s, "capture", "'off'", "the module's default; no line sets capture_on");
        if (const KamailioParam* const hook = find("nonsip_hook"); hook && is_kamailio_on(hook->value)) {
            add(s, "hep", "'on'", origin(*hook));
        } else if (const KamailioParam* const hep = find("hep_capture_on")) {
            add(s, "hep", toml_switch(hep->value), origin(*hep));
        } else {
            add(s, "hep", "'off'", "the module's default; no line sets hep_capture_on");
        }
        const auto takes_tcp =
            std::any_of(config_.settings.begin(), config_.settings.end(), [](const KamailioParam& p) {
                return p.name == "tcp_accept_hep3" &&
                       (p.value == "yes" || p.value == "on" || is_kamailio_on(p.value));
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
            add(s, "listen", toml_list(addresses), fmt::format("{}: listen", fmt::join(places, ", ")));
        }
    }

    void add_raw() {
        constexpr ConfigSection s = ConfigSection::raw;
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
        for (const ConfigSection section : {ConfigSection::listen, ConfigSection::decode}) {
            if (section == ConfigSection::decode && !is_raw()) continue;
            add(section, "custom-header", toml_list(names), fmt::format("{}", fmt::join(places, ", ")));
        }
    }

    void add_topoh() {
        const KamailioParam* const unmask = find("topoh_unmask");
        if (!unmask || kamailio_number(unmask->value) != 1) return;
        const KamailioParam* key = nullptr;
        const KamailioParam* prefix = nullptr;
        for (const KamailioParam& p : config_.params) {
            if (p.module == "topoh" && p.name == "mask_key") key = &p;
            if (p.module == "topoh" && p.name == "callid_prefix") prefix = &p;
        }
        const std::string what =
            key ? fmt::format("put the mask_key of {} into this file", place(key->place))
                : "no line sets topoh's mask_key: put Kamailio's own, aL9.n8~Hm]Z, into this file";
        for (const ConfigSection section : {ConfigSection::listen, ConfigSection::decode}) {
            if (section == ConfigSection::decode && !is_raw()) continue;
            add(section, "topoh-key-file", "'/etc/hepcap/topoh-key'", origin(*unmask) + "; " + what);
            if (prefix) add(section, "topoh-prefix", toml_text(prefix->value), origin(*prefix));
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
        if (table) add(ConfigSection::load, "table", toml_text(table->value), origin(*table));
        if (!modes.empty()) add_modes(modes, url || table);
    }

    void add_url(const KamailioParam& p) {
        const auto url = database_url(p.value);
        const auto safe = without_password(p.value);
        if (!url) {
            leave_out(p.place, p.name, "hepcap-load has no backend for such a URL");
        } else if (safe && *url == p.value) {
            add(ConfigSection::load, "db-url-file", "'/etc/hepcap/db-url'",
                fmt::format("{}; put {} with its password into this file", origin(p), *safe));
        } else {
            add(ConfigSection::load, "db", toml_text(*url), origin(p));
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
            fmt::format("capture-mode = {}  # {}{}", toml_list(definitions), fmt::join(places, ", "),
                        has_password ? "; put the password in" : "");
        if (has_default) {
            add_comment(ConfigSection::load, "For loads of their own, in place of db and table:");
            add_comment(ConfigSection::load, line);
            add_comment(ConfigSection::load, fmt::format("mode = {}", toml_text(first)));
            return;
        }
        lines_[ConfigSection::load].push_back(line);
        add(ConfigSection::load, "mode", toml_text(first),
            modes.size() == 1 ? "the only one" : "the first; a load has one, and --mode names another");
    }

    bool has_row(std::string_view param) const {
        constexpr std::array<std::string_view, 10> elsewhere{
            "hep_capture_on",       "raw_moni_capture_on",  "raw_ipip_capture_on", "custom_field1_header",
            "custom_field2_header", "custom_field3_header", "topoh_unmask",        "db_url",
            "table_name",           "capture_mode"};
        const auto keys = kamailio_keys();
        return std::any_of(keys.begin(), keys.end(),
                           [&](const KamailioKey& k) { return k.param == param; }) ||
               std::find(elsewhere.begin(), elsewhere.end(), param) != elsewhere.end();
    }

    void add_missing() {
        for (const KamailioParam& p : config_.params) {
            if (p.module != "sipcapture" || has_row(p.name)) continue;
            if (p.name == "nonsip_hook" && !is_kamailio_on(p.value)) continue;
            if (const std::string_view reason = kamailio_reason(p.name); !reason.empty()) {
                leave_out(p.place, p.name, reason);
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
        constexpr std::array<std::pair<ConfigSection, std::string_view>, 4> sections{
            {{ConfigSection::listen, "listen"},
             {ConfigSection::raw, "raw"},
             {ConfigSection::decode, "decode"},
             {ConfigSection::load, "load"}}};
        std::string out = fmt::format("# What {} says to the sipcapture module.\n", toml_text(name_));
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
    std::map<ConfigSection, std::vector<std::string>> lines_;
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
