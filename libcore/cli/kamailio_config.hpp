// What a kamailio.cfg says to modules, read without Kamailio: its modparam() lines, where it listens and
// where its script captures.
//
// Kamailio's own reading order is followed: comments (#, //, /* */), #!define and its kin, #!ifdef blocks,
// #!subst and #!substdef on texts, include_file and import_file, texts over several lines, which are
// joined, and module names with a bar.  Routing logic is not read: of it only the calls that capture are
// noted.  What cannot be followed (a #!subst by a regular expression, modparamx) is noted, not guessed.
#pragma once

#include <string>
#include <vector>

namespace hepcap::cli {

struct KamailioPlace {
    std::string file;
    unsigned line = 0;
};

struct KamailioParam {
    std::string module;
    std::string name;
    std::string value;  // with definitions put in; numbers as they stand
    KamailioPlace place;
};

struct KamailioNote {
    std::string text;
    KamailioPlace place;
};

struct KamailioConfig {
    std::vector<KamailioParam> params;    // in the order of the file, a row for each module named
    std::vector<KamailioParam> settings;  // listen, tcp_accept_hep3: core settings, module is empty
    std::vector<KamailioNote> calls;      // sip_capture(…), report_capture(…) of the script
    std::vector<KamailioNote> notes;      // what could not be followed
};

// Reads `path` and what it includes; throws Error where a file cannot be read or is cut off in mid-text.
KamailioConfig read_kamailio_config(const std::string& path);

// The same of a text; `directory` is where included files without a directory of their own are.
KamailioConfig parse_kamailio_config(const std::string& text, const std::string& name,
                                     const std::string& directory);

}  // namespace hepcap::cli
