#include "sim/world.h"

#include "services/journal.h"
#include "sync/hub/shared_rows.h"

namespace till::sim {
namespace {

const core::Key kKey{4, 2};
constexpr Time kStart{1'767'603'600'000};
constexpr int kHealTicks =
    1200;  // five simulated minutes: far beyond the 30 seconds it should need, in ticks of 250 ms
constexpr size_t kMostNodes = 6;

const std::vector<core::NodeName> kNames{{"t", "north", "A1"}, {"t", "north", "A2"}, {"t", "south", "B1"}};

int64_t number(sqlite::Connection& db, const char* sql) {
  const auto found = db.value<int64_t>(sql);
  return found && *found ? **found : -1;
}

std::string shown(const core::RowImage& image) {
  std::string text = image.removed ? "removed" : "";
  if (image.removed) return text;
  for (const core::RowField& field : image.fields) text += field.name + "=" + field.value + " ";
  return text;
}

}  // namespace

Plan plan_of(uint64_t seed, const std::set<Fault>& allowed) {
  Chance chance(seed * 2 + 1);
  Plan plan{.seed = seed};
  for (const Fault fault : allowed)
    if (happens(chance, 55)) plan.faults.insert(fault);
  // What a node made in a lost life is nowhere but at the hub: an older hub may lose it for good.
  if (plan.faults.contains(Fault::restore) || plan.faults.contains(Fault::old_copy) ||
      plan.faults.contains(Fault::new_disk)) {
    plan.faults.erase(Fault::hub_restore);
    plan.faults.erase(Fault::hub_rollback);
  }
  return plan;
}

World::World(Plan plan) : plan_(std::move(plan)), chance_(plan_.seed), wire_(chance_) {
  const auto send = [this](Parcel parcel) { wire_.send(now_, std::move(parcel)); };
  hub_ = std::make_unique<HubEnd>(kKey, plan_.seed + 1000, kStart, send);
  for (const core::NodeName& name : kNames)
    add_node(std::make_unique<ShopNode>(name, kKey, plan_.seed * 16 + nodes_.size(), kStart, send));
  if (plan_.faults.contains(Fault::loss)) wire_.set_loss(std::vector<int>{5, 20, 40}[chance_() % 3]);
}

World::~World() = default;

void World::add_node(std::unique_ptr<ShopNode> node) { nodes_.push_back(std::move(node)); }

ShopNode& World::any_node() { return *nodes_[static_cast<size_t>(pick(chance_, static_cast<int64_t>(nodes_.size())))]; }

int64_t World::shelf(const std::string& store, const Uuid& product) const {
  const auto found = shelves_.find({store, product});
  return found == shelves_.end() ? 0 : found->second;
}

Verdict World::run() {
  for (int i = 0; i < plan_.ticks; ++i) {
    work();
    if (!plan_.faults.empty() && happens(chance_, 12)) fault();
    tick();
  }
  heal();
  int waited = 0;
  for (; waited < kHealTicks; ++waited) {
    tick();
    if (waited % 10 == 9 && is_quiet()) break;
  }
  if (waited == kHealTicks) {
    for (const auto& node : nodes_) bad("12 liveness", node->name().node + ": " + node->how_it_is());
  } else {
    check();
  }
  return verdict_;
}

void World::tick() {
  ++now_;
  wire_.deliver(now_, [this](const Parcel& parcel) {
    if (core::author_of(parcel.topic)) return hub_->receive(parcel);
    for (const auto& node : nodes_) node->receive(parcel);
  });
  hub_->clock.advance_ms(250);
  if (now_ % 4 == 0)
    for (const core::NodeName& name : kNames) hub_->ring(name);
  for (const auto& node : nodes_) node->tick();
}

void World::work() {
  for (const auto& node : nodes_) {
    // All tills have the right time to the millisecond here, and no two write within one: the shelf is then known.
    for (const auto& other : nodes_) other->clock.advance_ms(1);
    if (!happens(chance_, 30)) continue;
    const int64_t what = pick(chance_, 100);
    std::optional<Moved> moved;
    if (what < 38)
      moved = node->sell(chance_);
    else if (what < 45)
      moved = node->undo(chance_);
    else if (what < 55)
      moved = node->receive(chance_);
    else if (what < 62)
      node->count(chance_, [&](const Uuid& product) { return shelf(node->name().store, product); });
    else
      node->edit(chance_);
    if (moved) shelves_[{node->name().store, moved->product}] += moved->quantity;
  }
  if (happens(chance_, 10)) hub_->edit(chance_);
}

void World::fault() {
  const auto kind = static_cast<Fault>(pick(chance_, kFaults));
  if (!plan_.faults.contains(kind)) return;
  ShopNode& node = any_node();
  const auto is_at_hub = [this](const Uuid& uid) {
    const auto known = hub_->db().value<int64_t>("SELECT 1 FROM facts WHERE uid = ?", uid);
    return known && *known;
  };
  switch (kind) {
    case Fault::loss:
      break;  // from the beginning
    case Fault::cut:
      return node.cut(!node.is_cut());
    case Fault::crash:
      return node.crash();
    case Fault::hub_down:
      return hub_->set_up(!hub_->is_up());
    case Fault::clone:
      if (nodes_.size() < kMostNodes)
        add_node(std::make_unique<ShopNode>(node, plan_.seed * 16 + nodes_.size(),
                                            [this](Parcel parcel) { wire_.send(now_, std::move(parcel)); }));
      return;
    case Fault::hub_restore:
    case Fault::hub_rollback:
      if (hub_backups_.size() < 2 || happens(chance_, 60))
        hub_backups_.push_back(hub_->snapshot());
      else
        ++verdict_.put_back,
            hub_->put_back(hub_backups_[static_cast<size_t>(pick(chance_, static_cast<int64_t>(hub_backups_.size())))],
                           kind == Fault::hub_restore);
      return;
    case Fault::restore:
    case Fault::old_copy: {
      std::vector<Bytes>& kept = backups_[&node];
      if (kept.size() < 2 || happens(chance_, 50)) {
        kept.push_back(node.snapshot());
        return;
      }
      lives_lost_ = true;
      ++verdict_.put_back;
      node.put_back(kept[static_cast<size_t>(pick(chance_, static_cast<int64_t>(kept.size())))], kind == Fault::restore,
                    is_at_hub);
      return;
    }
    case Fault::new_disk:
      if (!happens(chance_, 30)) return;
      lives_lost_ = true;
      ++verdict_.put_back;
      return node.lose_disk(is_at_hub);
  }
}

void World::heal() {
  wire_.set_loss(0);
  hub_->set_up(true);
  for (const auto& node : nodes_) node->cut(false);
}

bool World::is_quiet() {
  const int64_t tenant = hub_->rev(hub::kTenant);
  for (const auto& node : nodes_) {
    const auto store = hub_->db().value<int64_t>("SELECT row FROM stores WHERE name = ?", node->name().store);
    if (!store || !*store || !node->is_quiet(tenant, hub_->rev(**store))) return false;
  }
  return number(hub_->db(), "SELECT count(*) FROM quarantine WHERE status = 0") == 0;
}

void World::bad(const std::string& invariant, const std::string& what) {
  verdict_.broken.push_back(invariant + ": " + what);
}

void World::check() {
  check_facts();
  check_stock();
  check_rows();
  check_journals();
  verdict_.conflicts = number(hub_->db(), "SELECT count(*) FROM conflicts");
  verdict_.forks =
      number(hub_->db(), "SELECT count(DISTINCT epoch) FROM streams") - static_cast<int64_t>(kNames.size());
}

// 1 and 2: what was answered is at the hub, once.
void World::check_facts() {
  sqlite::Connection& db = hub_->db();
  for (const auto& node : nodes_) {
    for (const Uuid& uid : node->facts()) {
      ++verdict_.facts;
      const auto found = db.value<int64_t>("SELECT count(*) FROM facts WHERE uid = ?", uid);
      if (!found || found->value_or(0) != 1) bad("1 lost", node->name().node + " " + to_string(uid));
    }
  }
  if (number(db, "SELECT count(*) - count(DISTINCT uid) FROM facts") != 0) bad("2 twice", "a uid stands twice");
}

// 3: the shelf, the hub and every node agree on what is there.
void World::check_stock() {
  for (const auto& node : nodes_) {
    check_facts_of_store(*node);
    auto stock = node->db().query("SELECT p.id, s.on_hand FROM stock s JOIN products p ON p.row = s.product");
    while (stock.next()) {
      const Uuid product = stock.get<Uuid>(0);
      const int64_t here = stock.get<int64_t>(1);
      const auto there = hub_->db().value<int64_t>(
          "SELECT s.on_hand FROM stock s JOIN stores t ON t.row = s.store WHERE t.name = ? AND s.product = ?",
          node->name().store, product);
      const int64_t at_hub = there && *there ? **there : 0;
      const std::string what = node->name().node + " " + to_string(product) + ": node " + std::to_string(here);
      if (here != at_hub) bad("3 stock", what + ", hub " + std::to_string(at_hub));
      const int64_t really = shelf(node->name().store, product);
      if (!lives_lost_ && here != really) bad("3 shelf", what + ", shelf " + std::to_string(really));
    }
    if (number(node->db(),
               "SELECT count(*) FROM stock s WHERE on_hand <> (SELECT coalesce(sum(moved), 0) FROM movements"
               " m WHERE m.product = s.product)") != 0)
      bad("3 ledger", node->name().node + ": a stock is not the sum of its ledger");
  }
}

// Every fact of the store is at each of its nodes: made there, or brought by a page. 13: at the node that made it, in
// whichever life, an order is a whole order.
void World::check_facts_of_store(const ShopNode& node) {
  auto facts = hub_->db().query(
      "SELECT f.uid, n.name, hex(t.epoch), f.seq, c.rev, f.kind FROM facts f JOIN stores s ON s.row = f.store LEFT "
      "JOIN "
      "streams t ON t.row = f.stream"
      " LEFT JOIN nodes n ON n.row = t.node LEFT JOIN changes c ON c.fact = f.row WHERE s.name = ?",
      node.name().store);
  while (facts.next()) {
    const Uuid uid = facts.get<Uuid>(0);
    if (facts.get<std::string>(1) == node.name().node && facts.get<int64_t>(5) == 0) {
      const auto order = store::find_order(node.db(), node.identity(), uid, store::As::now);
      if (!order || !*order) bad("13 orders", node.name().node + " has not got back " + to_string(uid));
    }
    const auto here = node.db().value<int64_t>(
        "SELECT (SELECT count(*) FROM orders WHERE id = ?1 AND row > 0)"
        " + (SELECT count(*) FROM stock_entries WHERE id = ?1)"
        " + (SELECT count(*) FROM remote_facts WHERE uid = ?1)",
        uid);
    if (here && *here == 1) continue;
    bad("3 facts", node.name().node + " lacks " + to_string(uid) + " of " + facts.get<std::string>(1) + " epoch " +
                       facts.get<std::string>(2) + " seq " + std::to_string(facts.get<int64_t>(3)) + " rev " +
                       std::to_string(facts.get<int64_t>(4)));
  }
}

// 6: shared rows are the same everywhere, and what is shown is what the hub has.
void World::check_rows() {
  std::map<Uuid, std::string> at_hub;
  auto rows = hub_->db().query("SELECT image FROM shared_rows");
  while (rows.next()) {
    const auto image = core::read_image(rows.get<Bytes>(0));
    if (image) at_hub[image->id] = shown(*image);
  }
  for (const auto& node : nodes_) {
    auto images = node->db().query("SELECT image FROM hub_rows");
    std::map<Uuid, std::string> here;
    while (images.next()) {
      const auto image = core::read_image(images.get<Bytes>(0));
      if (image) here[image->id] = shown(*image);
    }
    if (here != at_hub) bad("6 rows", node->name().node + ": images differ from the hub's");
    for (const auto& [id, text] : at_hub) {
      auto product = store::get_product(node->db(), id);
      const std::string visible =
          product ? "name=\"" + product->name + "\" price=" + std::to_string(product->price) : "";
      const bool removed = text == "removed";
      const bool agrees = removed ? !product.ok()
                                  : product.ok() && text.find("name=\"" + product->name + "\"") != std::string::npos &&
                                        text.find("price=" + std::to_string(product->price) + " ") != std::string::npos;
      if (!agrees) bad("6 shown", node->name().node + " " + to_string(id) + ": hub " + text + ", shown " + visible);
    }
  }
}

// 9: every chain of receipts verifies.
void World::check_journals() {
  for (const auto& node : nodes_) {
    auto report = services::verify_journal(node->db(), node->identity());
    if (!report || !report->intact)
      bad("9 journal", node->name().node + ": " + (report ? report->fault : "unreadable"));
  }
}

}  // namespace till::sim
