#include "runtime/write_lane.h"

namespace till::runtime {

bool WriterLane::submit(http::Work work, Task<void(Result<http::Finish>)> done) {
  // What the job makes has to wait for the commit, which the writer tells in a second call.
  auto made = std::make_shared<http::Finish>();
  return writer_.submit(
      [made, work = std::move(work)](sqlite::Connection&) mutable -> Status {
        TILL_TRY(*made, work());
        return {};
      },
      [made, done = std::move(done)](Status status) mutable {
        if (status.ok()) return done(std::move(*made));
        done(std::move(status).error());
      });
}

}  // namespace till::runtime
