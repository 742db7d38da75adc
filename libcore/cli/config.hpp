// Where an option that the command line does not give comes from: the environment, then configuration
// files.  Every long option is a key of a TOML file, in the section of its tool without "hepcap-";
// HEPCAP_ and the option's name in capitals is its variable.
//
//   [decode]
//   node = "edge1"
//   custom-header = ["X-Tenant"]
//
// Read in this order, the later wins: /etc/hepcap/hepcap.toml, $XDG_CONFIG_HOME/hepcap/hepcap.toml
// (~/.config where that is unset), the files of --config, or in their place the one of $HEPCAP_CONFIG.
//
// Options that exclude each other (CLI::Option::excludes) are one choice: where the stronger source has
// made it, what the weaker one says of the others is left out.  Both from the same source is an error.
//
// A variable HEPCAP_… that is one slip from an option of the tool is an error, as an unknown key is.  One
// that is near to nothing may be anybody's (for a service of that name Kubernetes sets
// HEPCAP_SERVICE_HOST, and so on): only check_config() speaks of it.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace hepcap::cli {

struct ConfigReport {
    std::map<std::string, std::string> source_of;  // option -> file or variable
    std::vector<std::string> files;                // that were read, the strongest first
    std::vector<std::string> problems;             // of check_config()
    std::vector<std::string> remarks;              // of check_config(): odd, but no error

    // Each option with its value and where it is from, as TOML with comments, which can be read as a
    // configuration again; a value that may be secret is replaced.
    std::string to_text(const CLI::App& app) const;
};

// Gives the options of `app`, which has been parsed, the values that come from elsewhere.  Throws Error
// (usage) naming file and key for what is no TOML, no option of the tool, or no fit value.
ConfigReport apply_config(CLI::App& app, const std::string& program, const std::vector<std::string>& files);

// The same, but goes on behind an error: all of them are in the report's `problems`.
ConfigReport check_config(CLI::App& app, const std::string& program, const std::vector<std::string>& files);

}  // namespace hepcap::cli
