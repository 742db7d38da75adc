// How a running tool is asked and told, the same in every tool that runs for long: --control --rpc-fifo
// --mi-fifo --fifo-reply-dir --metrics --metrics-file --metrics-interval.
//
// `options` is a control::ServerOptions.  Its members are named here and its type is not, because rooms
// beside each other do not include each other; the tool knows both.
#pragma once

#include "cli/app.hpp"

namespace hepcap::cli {

template <class ServerOptions>
void add_control_options(CLI::App& app, ServerOptions& options) {
    app.add_option("--control", options.control,
                   "Answer JSON-RPC 2.0 on a Unix socket; hepcap-ctl asks there")
        ->type_name("PATH")
        ->group(group::control);
    app.add_option("--rpc-fifo", options.rpc_fifo, "Answer JSON-RPC on the FIFO that 'kamctl rpc' writes to")
        ->type_name("PATH")
        ->group(group::control);
    app.add_option("--mi-fifo", options.mi_fifo,
                   "Answer the old management interface (:sip_capture:) on a FIFO")
        ->type_name("PATH")
        ->group(group::control);
    app.add_option("--fifo-reply-dir", options.reply_directory, "Where the reply FIFOs of both are")
        ->type_name("DIR")
        ->capture_default_str()
        ->group(group::control);
    app.add_option("--metrics", options.metrics,
                   "Serve http://ADDR:PORT/metrics to Prometheus, e.g. 127.0.0.1:9160")
        ->type_name("ADDR:PORT")
        ->group(group::control);
    app.add_option("--metrics-file", options.metrics_file, "Write the metrics to FILE, again and again")
        ->type_name("FILE")
        ->group(group::control);
    app.add_option("--metrics-interval", options.metrics_interval, "Seconds between two writings of the file")
        ->type_name("N")
        ->check(between(1, 86'400))
        ->capture_default_str()
        ->group(group::control);
}

}  // namespace hepcap::cli
