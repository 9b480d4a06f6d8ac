// The writer behind http's port, waited for: when submit() returns the work is committed, or was refused, and told.
#pragma once

#include <optional>

#include "http/ports.h"
#include "sqlite/writer.h"

namespace till::test {

class WaitingLane final : public http::WriteLane {
 public:
  explicit WaitingLane(sqlite::Writer& writer) : writer_(writer) {}

  bool submit(http::Work work, Task<void(Result<http::Finish>)> done) override {
    Result<http::Finish> result = Error{};
    const Status status = writer_.run([&](sqlite::Connection&) -> Status {
      result = work();
      if (!result.ok()) return result.error();
      if (undoes) return Error{.code = Code::conflict, .message = "rolled back"};
      return {};
    });
    done(status.ok() || undoes ? std::move(result) : Result<http::Finish>(status.error()));
    return true;
  }

  bool undoes = false;  // what was done is rolled back and told as if it were not: the next finds the same shop

 private:
  sqlite::Writer& writer_;
};

}  // namespace till::test
