// `tilld serve`: the node with its door, until it is told to stop.
#pragma once

#include "base/config.h"

namespace till::cli {

/// Returns when SIGTERM or SIGINT came and everything was answered, or when the database failed (then an Error, so that
/// the process ends with 1 and systemd starts it anew). Prints where it listens, and a first admin's password once.
Status serve(const Config& config, const std::string& data_dir);

}  // namespace till::cli
