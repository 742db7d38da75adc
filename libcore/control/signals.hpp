// What a running tool can be told by signals: SIGINT and SIGTERM end the work in good order, SIGUSR1
// asks for the counters, SIGHUP to open outputs anew.  The handlers only set flags; a blocking read
// comes back with EINTR (no SA_RESTART), so that the flags are seen.
#pragma once

namespace hepcap::control {

void install_signals();

// From now on a SIGINT or SIGTERM ends the program at once where another one came a second or more before it:
// for an end that may wait in vain.  What comes closer is the same request: timeout(1) sends each signal
// twice, to the program and to its process group.
void let_second_stop_end_at_once();

// Whether the work is to end.
bool stop_requested();

// Whether it was asked for since the last call.
bool take_report_request();
bool take_reopen_request();

// Thrown by a callback that is asked before a wait, to leave a wait that nobody wants any more.
struct Stopped {};

}  // namespace hepcap::control
