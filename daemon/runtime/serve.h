// A program with its door, until it is told to stop: listens where the settings say, in the clear on loopback and with
// TLS elsewhere, and on the control socket; tells systemd how it is. On the main thread.
#pragma once

#include "runtime/host.h"

namespace till::runtime {

/// Leaves SIGTERM and SIGINT to serve(). Before any thread is made, for threads inherit it.
void block_stop_signals();

/// Returns when SIGTERM or SIGINT came and everything was answered, or when the database failed (then an Error, so that
/// the process ends with 1 and systemd starts it anew). Prints where it listens, and a first admin's password once.
Status serve(Host& host);

}  // namespace till::runtime
