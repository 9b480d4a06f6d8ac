// `tilld sync status|verify|conflicts`: how this node stands with headquarters, asked through the API
// (sync/node/routes). Exit codes: 0 fine, 1 failed or something is wrong.
#pragma once

#include <string>

#include "base/config.h"

namespace till::cli {

int sync_status(const Config& config, const std::string& data_dir);
int sync_verify(const Config& config, const std::string& data_dir);
int sync_conflicts(const Config& config, const std::string& data_dir);

}  // namespace till::cli
