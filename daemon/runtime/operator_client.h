// Requests of the command line, in the operator's name: through the control socket of the program that works in the
// data directory, or, if none does, by the same pipeline in this process. One writer always; one way to do a thing.
#pragma once

#include <memory>
#include <string>

#include "http/message.h"
#include "runtime/program.h"

namespace till::runtime {

class OperatorClient {
 public:
  struct Answer {
    int status = 0;
    std::string body{};
    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
  };

  /// `make`: create the data directory and database if they are missing.
  static Result<std::unique_ptr<OperatorClient>> reach(const Entrance& entrance, bool make);
  /// The one that runs in this folder, for a question that must not take long.
  static std::unique_ptr<OperatorClient> to_running(const std::string& folder);
  virtual ~OperatorClient() = default;

  /// `target` is a path with its query. Errors: offline if the program went away.
  virtual Result<Answer> ask(http::Method method, const std::string& target, const std::string& body,
                             const std::string& content_type) = 0;
};

}  // namespace till::runtime
