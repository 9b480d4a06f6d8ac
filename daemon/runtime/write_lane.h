// The port between http and the one writer: a request's Work becomes a job, its Finish comes back after the commit.
#pragma once

#include "http/ports.h"
#include "sqlite/writer.h"

namespace till::runtime {

class WriterLane final : public http::WriteLane {
 public:
  explicit WriterLane(sqlite::Writer& writer) : writer_(writer) {}
  bool submit(http::Work work, Task<void(Result<http::Finish>)> done) override;

 private:
  sqlite::Writer& writer_;
};

}  // namespace till::runtime
