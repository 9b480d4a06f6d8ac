// A node of the simulator: the real database (in memory), services, replica and session, with a hand-turned clock. A
// crash takes everything but the database; a copy takes the database only.
#pragma once

#include <functional>
#include <optional>

#include "services/shop.h"
#include "sim/wire.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"
#include "sync/core/session.h"
#include "sync/core/topics.h"
#include "sync/node/attach.h"
#include "sync/node/replica.h"

namespace till::sim {

/// What a customer took or a lorry brought: for the oracle of the real shelf.
struct Moved {
  Uuid product{};
  int64_t quantity = 0;
};

class ShopNode {
 public:
  using Send = std::function<void(Parcel)>;

  ShopNode(core::NodeName name, const core::Key& key, uint64_t seed, Time now, Send send);
  /// The same database again, as somebody's SD card copier would have it.
  ShopNode(const ShopNode& original, uint64_t seed, Send send);
  ~ShopNode();

  void crash();
  /// The database as it was when `snapshot()` was taken; `knowingly`: as `tilld restore` does, with a new epoch.
  [[nodiscard]] Bytes snapshot() const;
  /// What it had made since is lost, but for what the hub has already.
  void put_back(const Bytes& snapshot, bool knowingly, const std::function<bool(const Uuid&)>& is_at_hub);

  /// Everything is lost but its names.
  void lose_disk(const std::function<bool(const Uuid&)>& is_at_hub);

  // ---- the shop's day; nothing if there is nothing to do it with
  std::optional<Moved> sell(Chance& chance);
  /// Takes a sale back, or voids it: one of the newest that it knows, of whichever life.
  std::optional<Moved> undo(Chance& chance);
  std::optional<Moved> receive(Chance& chance);
  /// `shelf`: what really stands there of a product.
  void count(Chance& chance, const std::function<int64_t(const Uuid&)>& shelf);
  void edit(Chance& chance);

  // ---- the line
  void receive(const Parcel& parcel);
  void tick();
  void cut(bool cut);
  [[nodiscard]] bool is_cut() const { return cut_; }

  // ---- looking
  [[nodiscard]] const core::NodeName& name() const { return name_; }
  [[nodiscard]] bool is_quiet(int64_t tenant_rev, int64_t store_rev) const;
  [[nodiscard]] std::string how_it_is() const;
  [[nodiscard]] sqlite::Connection& db() const { return writer_->connection(); }
  [[nodiscard]] const std::vector<Uuid>& facts() const { return facts_; }
  [[nodiscard]] const std::vector<core::RowEdit>& edits() const { return edits_; }
  [[nodiscard]] const store::Identity& identity() const { return identity_; }
  test::FakeClock clock;

 private:
  void begin();
  void open(std::unique_ptr<sqlite::Connection> db);
  void boot();
  void hire();
  void forget_lost(const std::function<bool(const Uuid&)>& is_at_hub);
  template <class F>
  auto write(F&& change) -> decltype(change());
  void step(core::Event event);
  std::optional<core::Event> perform(core::Effect& effect);
  [[nodiscard]] std::optional<domain::Product> any_product(Chance& chance);

  const core::NodeName name_;
  const core::Key key_;
  Send send_;
  test::FakeRandom random_;
  IdSource ids_{clock, random_};
  services::Settings settings_;
  store::Identity identity_{};
  std::unique_ptr<sqlite::Writer> writer_;    // never started: the simulator has one thread
  std::unique_ptr<sqlite::Readers> readers_;  // never asked
  http::EventFeed events_;                    // nobody listens
  std::unique_ptr<services::Shop> shop_;
  std::optional<node::Replica> replica_;
  std::optional<core::NodeSession> session_;
  http::Caller manager_;
  bool cut_ = false;
  std::vector<Uuid> facts_;  // uids of what was answered
  std::vector<core::RowEdit> edits_;
};

}  // namespace till::sim
