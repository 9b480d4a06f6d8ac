// The hub of the simulator: the real database (in memory), applier and pages, answering over the wire. A crash takes
// what is not in the database; putting it back to a snapshot is what an operator or a virtual machine does.
#pragma once

#include <functional>
#include <map>

#include "sim/wire.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"
#include "sync/core/topics.h"
#include "sync/hub/applier.h"
#include "sync/hub/pages.h"

namespace till::sim {

class HubEnd {
 public:
  using Send = std::function<void(Parcel)>;

  HubEnd(const core::Key& key, uint64_t seed, Time now, Send send);
  ~HubEnd();

  void receive(const Parcel& parcel);
  /// What headquarters does to a product.
  void edit(Chance& chance);
  [[nodiscard]] Bytes snapshot() const;
  /// An earlier time of it; `knowingly`: as an operator restores a backup, with a new hub epoch (A5), else as a virtual
  /// machine is rolled back (A4).
  void put_back(const Bytes& snapshot, bool knowingly);
  void set_up(bool up) { up_ = up; }
  [[nodiscard]] bool is_up() const { return up_; }
  /// Tells everybody the newest revs, as the broker does with what it keeps.
  void ring(const core::NodeName& name);

  [[nodiscard]] sqlite::Connection& db() const { return *db_; }
  [[nodiscard]] int64_t rev(int64_t scope) const;
  test::FakeClock clock;

 private:
  template <class F>
  auto write(F&& change) -> decltype(change());
  std::optional<core::Message> answer(const core::NodeName& name, core::Message& message);
  std::optional<core::Message> apply(const core::NodeName& name, core::Up& up);

  const core::Key key_;
  Send send_;
  test::FakeRandom random_;
  IdSource ids_{clock, random_};
  std::unique_ptr<sqlite::Connection> db_;
  std::optional<hub::Identity> identity_;
  std::optional<hub::Applier> applier_;
  bool up_ = true;
};

}  // namespace till::sim
