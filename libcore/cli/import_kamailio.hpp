// --import-kamailio: the configuration of hepcap that is equal to what a kamailio.cfg says to the
// sipcapture module, as TOML with a comment behind each key that says which line it is from.
//
// Where the module's default differs from hepcap's the key is written although no line sets it: capturing
// and HEP are off in Kamailio unless switched on.  Lines that have no counterpart stand at the end as
// comments, each with its reason.  Passwords and keys are not repeated; the comment says in which file to
// put them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "cli/kamailio_config.hpp"

namespace hepcap::cli {

void add_import_option(CLI::App& app, std::string& path);

// The work of a tool that was given --import-kamailio: prints to standard output, and warns where lines
// have no counterpart.  Throws Error where the file cannot be read or has no line for the module.
ExitCode print_kamailio_import(const std::string& path, Log& log);

struct KamailioImport {
    std::string toml;
    std::size_t without_counterpart = 0;
};

KamailioImport import_kamailio(const KamailioConfig& config, const std::string& name);

}  // namespace hepcap::cli
