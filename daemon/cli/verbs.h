// The command line's verbs (00-overview, Commands). Each returns the process's exit code: 0 fine, 1 failed; a failure
// is one line on stderr.
#pragma once

#include <string>

#include "base/config.h"

namespace till::cli {

int init(const Config& config, const std::string& data_dir);
int doctor(const Config& config, const std::string& data_dir);

struct NewUser {
  std::string email, name, role;
};
/// The password is the first line of standard input.
int user_add(const Config& config, const std::string& data_dir, const NewUser& user);
int user_passwd(const Config& config, const std::string& data_dir, const std::string& email);
int user_list(const Config& config, const std::string& data_dir);

int import_products(const Config& config, const std::string& data_dir, const std::string& file);
int export_products(const Config& config, const std::string& data_dir);

int backup(const Config& config, const std::string& data_dir, const std::string& file);
int restore(const std::string& data_dir, const std::string& file);
int journal_verify(const std::string& data_dir);
int openapi(const Config& config, const std::string& data_dir);
int show_default_config();

/// Prints an Error as the one line it is, and gives the exit code.
int fail(const Error& error);

}  // namespace till::cli
