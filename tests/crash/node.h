// A tilld between its start and its database, on the disk of the process (disk.h): what cli/app.cpp does at a start,
// the real services, replica and writer. Clock and chance are the test's; one manager works there.
#pragma once

#include "crash/group.h"
#include "services/shop.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"
#include "sync/node/replica.h"

namespace till::crash {

inline constexpr const char* kFolder = "/crash";

class Node final : public System {
 public:
  /// Folds the WAL after so many frames.
  explicit Node(int64_t fold_after = 48, std::string name = "A1")
      : options_{.checkpoint_frames = fold_after, .checkpoint_limit = fold_after}, name_(std::move(name)) {}
  ~Node() override { stop(); }

  Status start() override;
  [[nodiscard]] sqlite::Connection& db() override { return writer->connection(); }
  void look(Found& found) override;
  Status work_on() override;

  /// Someone who may do everything. Inside a write.
  Status hire();
  /// … is who the services are called by.
  Status find_manager();
  /// A hub knows this node. Before serve().
  void attach();

  /// The writer runs from now on.
  void serve() { writer->start(); }
  /// One group of the writer (group.h); each commit is noted in the story.
  std::vector<Status> together(Story& story, std::vector<Work> works) {
    return crash::together(*writer, {story, notes_states ? file : ""}, std::move(works));
  }
  /// One change without the writer's thread, in a transaction of its own.
  template <class F>
  auto alone(F&& change) -> decltype(change());
  void stop();

  domain::Product add_product(const std::string& name, int64_t price, int64_t pieces,
                              domain::StockPolicy policy = domain::StockPolicy::warn);
  [[nodiscard]] domain::OrderDraft sale_of(const domain::Product& product, int64_t pieces) const;

  const std::string file = std::string(kFolder) + "/shop.db";
  bool notes_states = true;
  test::FakeClock clock{};
  test::FakeRandom random{};
  IdSource ids{clock, random};
  services::Settings settings{};
  http::EventFeed events{};
  store::Identity identity{};
  http::Caller manager{};
  std::unique_ptr<sqlite::Writer> writer;
  std::unique_ptr<sqlite::Readers> readers;
  std::unique_ptr<services::Shop> shop;
  std::optional<node::Replica> replica;

 private:
  void look_at_orders(Found& found);
  void look_at_sync(Found& found);
  void look_at_backups(Found& found);

  const sqlite::WriterOptions options_;
  const std::string name_;
};

template <class F>
auto Node::alone(F&& change) -> decltype(change()) {
  std::optional<decltype(change())> result;
  const Status done = sqlite::transact(db(), [&](sqlite::Connection&) -> Status {
    result.emplace(change());
    return result->ok() ? Status{} : Status(result->error());
  });
  if (!done.ok()) return done.error();
  return std::move(*result);
}

/// A product of which there is nothing, and which is not sold then; and the brand that no product may come to have.
inline constexpr const char* kScarce = "Scarce";
inline constexpr const char* kRefusedBrand = "refused";

/// What an answer about these says.
Promise promise_of(const domain::Order& order);
Promise promise_of(const domain::Product& product);

}  // namespace till::crash
