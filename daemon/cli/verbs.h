// The verbs that are tilld's own (00-overview, Commands); those that every program has are runtime/verbs.h. Each
// returns the process's exit code: 0 fine, 1 failed; a failure is one line on stderr.
#pragma once

#include <string>

#include "base/config.h"
#include "runtime/program.h"
#include "services/journal.h"

namespace till::cli {

/// How the verbs that ask the API reach the node of a data directory. `config` must live as long.
runtime::Entrance entrance(const Config& config, const std::string& data_dir);

int serve(const Config& config, const std::string& data_dir);
int init(const Config& config, const std::string& data_dir);
int doctor(const Config& config, const std::string& data_dir);
int import_products(const Config& config, const std::string& data_dir, const std::string& file);
int export_products(const Config& config, const std::string& data_dir);
int restore(const std::string& data_dir, const std::string& file);
/// What `serve` does with a damaged database, also where something of it is lost for good.
int rebuild(const Config& config, const std::string& data_dir);
int journal_verify(const std::string& data_dir);

/// What a check of the whole chain says. Error: the first receipt that is wrong, or why it cannot be checked.
Result<services::JournalReport> read_journal(const std::string& data_dir);

}  // namespace till::cli
