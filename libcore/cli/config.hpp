// Where an option that the command line does not give comes from: the environment, then configuration
// files.  Every long option is a key of a TOML file, in the section of its tool without "hepcap-";
// HEPCAP_ and the option's name in capitals is its variable.
//
//   [decode]
//   node = "edge1"
//   custom-header = ["X-Tenant"]
//
// Read in this order, the later wins: /etc/hepcap/hepcap.toml, $XDG_CONFIG_HOME/hepcap/hepcap.toml
// (~/.config where that is unset), the files of --config.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace hepcap::cli {

struct ConfigReport {
    std::map<std::string, std::string> source_of;  // option -> file or variable

    // Each option with its value and where it is from, as TOML with comments.
    std::string to_text(const CLI::App& app) const;
};

// Gives the options of `app`, which has been parsed, the values that come from elsewhere.  Throws Error
// (usage) naming file and key for what is no TOML, no option of the tool, or no fit value.
ConfigReport apply_config(CLI::App& app, const std::string& program, const std::vector<std::string>& files);

}  // namespace hepcap::cli
