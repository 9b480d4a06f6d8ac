// One simulated history: three nodes in two stores, a hub, a bad line between them, and days of work. One seed, one
// history. At its end the line is good, everything is delivered, and the invariants of 30-sync are checked.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/hub_end.h"
#include "sim/shop_node.h"

namespace till::sim {

enum class Fault : uint8_t {
  loss,          // the line loses, doubles and delays
  cut,           // a node's line is cut
  crash,         // a node's process ends
  hub_down,      // the hub's process ends
  clone,         // a node's disk is copied, and both live on
  restore,       // a node is restored from a backup: a new epoch
  old_copy,      // a node's database is put back and it does not know
  new_disk,      // a node's database is gone: it begins anew under its names
  hub_restore,   // the hub is restored from a backup: a new hub epoch
  hub_rollback,  // the hub's machine is rolled back and it does not know
};
inline constexpr int kFaults = 10;

struct Plan {
  uint64_t seed = 0;
  int ticks = 160;
  std::set<Fault> faults{};
};

/// The faults of a seed: a random subset of `allowed`.
Plan plan_of(uint64_t seed, const std::set<Fault>& allowed);

struct Verdict {
  std::vector<std::string> broken{};  // "invariant: what"
  int64_t facts = 0, conflicts = 0, forks = 0, put_back = 0;
};

class World {
 public:
  explicit World(Plan plan);
  ~World();

  Verdict run();

 private:
  void tick();
  void work();
  void fault();
  void heal();
  bool is_quiet();
  void check();
  void check_facts();
  void check_stock();
  void check_facts_of_store(const ShopNode& node);
  void check_rows();
  void check_journals();
  void bad(const std::string& invariant, const std::string& what);
  void add_node(std::unique_ptr<ShopNode> node);
  ShopNode& any_node();
  int64_t shelf(const std::string& store, const Uuid& product) const;

  const Plan plan_;
  Chance chance_;
  Wire wire_;
  int64_t now_ = 0;
  std::unique_ptr<HubEnd> hub_;
  std::vector<std::unique_ptr<ShopNode>> nodes_;
  std::map<const ShopNode*, std::vector<Bytes>> backups_;
  std::vector<Bytes> hub_backups_;
  std::map<std::pair<std::string, Uuid>, int64_t> shelves_;  // what really stands there, thousandths
  bool lives_lost_ = false;  // a database was put back: what it had made since is not expected anywhere
  Verdict verdict_;
};

}  // namespace till::sim
