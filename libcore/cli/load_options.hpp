// The options of hepcap-load, as they are written: what they mean is made of them by the tool.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/app.hpp"

namespace hepcap::cli {

struct LoadOptions {
    std::vector<std::string> read;
    std::vector<std::string> operands;
    SelectionOptions selection;
    bool require_eof = false;
    std::string rejects;
    std::string db;
    std::string db_url_file;
    std::string schema = "sipcapture";
    std::string rtc_tables = "dated";
    bool create = true;
    std::string insert_mode = "sync";
    std::uint64_t batch = 10'000;
    std::uint64_t flush_ms = 1'000;
    std::string cluster;
    unsigned retries = 0;
    unsigned retry_timeout = 60;
    std::string spool;
    std::string spool_size = "1G";
    bool dry_run = false;
    std::string table;
    std::vector<std::string> routes;
    std::string mt_mode = "rand";
    std::string hash_source = "call_id";
    std::vector<std::string> capture_modes;
    std::string mode;
    std::string import_kamailio;
    std::string lock;
    bool ledger = false;
    std::vector<std::string> watch;
    std::string done_dir;
    std::string retention;
};

void add_load_options(CLI::App& app, LoadOptions& options);

}  // namespace hepcap::cli
