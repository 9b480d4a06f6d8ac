// A tillhub between its start and its database, on the disk of the process (disk.h): what hub_app.cpp does at a start,
// the real applier and writer.
#pragma once

#include "crash/group.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"
#include "sync/core/topics.h"
#include "sync/hub/applier.h"

namespace till::crash {

class Hub final : public System {
 public:
  ~Hub() override;

  Status start() override;
  [[nodiscard]] sqlite::Connection& db() override { return writer->connection(); }
  void look(Found& found) override;
  Status work_on() override;

  Result<core::Welcome> greet(const core::NodeName& name, const core::Session& session);
  void serve() { writer->start(); }

  const std::string file = "/crash/hub.db";
  test::FakeClock clock{};
  test::FakeRandom random{};
  IdSource ids{clock, random};
  hub::Identity identity{};
  std::unique_ptr<sqlite::Writer> writer;
  std::optional<hub::Applier> applier;
};

/// How far the hub is with a stream of a node, as its answers tell.
Promise promise_of(const core::Mark& mark);

}  // namespace till::crash
