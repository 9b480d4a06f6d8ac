// Requests of the command line, in the operator's name: through the control socket of the daemon that works in the data
// directory, or, if none does, by the same pipeline in this process. One writer always; one way to do a thing.
#pragma once

#include <memory>
#include <string>

#include "base/config.h"
#include "http/message.h"

namespace till::cli {

class OperatorClient {
 public:
  struct Answer {
    int status = 0;
    std::string body{};
    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
  };

  /// `make`: create the data directory and database if they are missing.
  static Result<std::unique_ptr<OperatorClient>> reach(const Config& config, const std::string& data_dir, bool make);
  virtual ~OperatorClient() = default;

  /// `target` is a path with its query. Errors: offline if the daemon went away.
  virtual Result<Answer> ask(http::Method method, const std::string& target, const std::string& body,
                             const std::string& content_type) = 0;
  /// True if a daemon is running there.
  [[nodiscard]] virtual bool is_remote() const = 0;
};

}  // namespace till::cli
