#include "crash/failures.h"

#include <sqlite3.h>

#include "crash/memory.h"
#include "crash/shop_day.h"

namespace till::crash {
namespace {

constexpr int64_t kFoldAfter = 20;  // frames: within this day
constexpr int kVariants = 6;        // images of the disk as it was left

void arm(Disk& disk, Failing kind, int64_t n, bool lasting) {
  if (kind == Failing::allocation) return fail_allocation(n, lasting);
  const Fault::Kind fault = kind == Failing::full    ? Fault::Kind::full
                            : kind == Failing::write ? Fault::Kind::write
                                                     : Fault::Kind::sync;
  disk.set_fault({fault, n, lasting});
}

bool was_met(const Disk& disk, Failing kind, int64_t n) {
  return (kind == Failing::allocation ? allocations() : disk.counted()) >= n;
}

// What may be told to a job of which nothing is left.
bool is_clear(Failing kind, Code code) {
  if (code == Code::conflict) return true;  // refused for what it wanted
  if (kind == Failing::full) return code == Code::full;
  return code == Code::internal || code == Code::offline;
}

std::vector<Status> small_day(Node& node, Story& story, Failing kind) {
  ShopDay day(node);
  // There are thousands of allocations.
  if (kind == Failing::allocation) return node.together(story, {day.sell(1), day.change(5)});
  std::vector<Status> told = node.together(story, {day.sell(1), day.refused_sale(), day.sell(2)});
  for (const auto& some : {node.together(story, {day.change(5), day.receive()}), node.together(story, {day.sell(3)})})
    told.insert(told.end(), some.begin(), some.end());
  return told;
}

std::string wrong_after_restart(const Story& story, Failing kind) {
  // Memory fails, and the disk does as it is told: with nothing and with all of what it was not told to sync.
  const int variants = kind == Failing::allocation ? 2 : kVariants;
  const std::set<size_t> nobody;
  Walk walk(story.start, story.disk.log(), nobody);
  while (!walk.is_done()) walk.step();
  for (int variant = 0; variant < (walk.has_choices() ? variants : 1); ++variant) {
    Chance chance(static_cast<uint64_t>(variant));
    Disk disk(walk.image(variant, chance));
    Disk::use(&disk);
    Node node;
    if (const Status started = node.start(); !started) return "does not start: " + started.error().message;
    Found found;
    node.look(found);
    if (!found.faults.empty()) return found.faults[0];
    if (const Promise* broken = story.first_broken(found)) return "answered, and is not there: " + broken->what;
    if (const Status worked = node.work_on(); !worked) return "cannot work on: " + worked.error().message;
    disk.cut();
  }
  return {};
}

struct Trial {
  bool met = false;
  bool restart = false;
  std::string fault{};
};

Trial fail_one(const Tree& before, Failing kind, int64_t n, bool lasting) {
  Story story(before);
  Disk::use(&story.disk);
  Trial trial;
  {
    Node node(kFoldAfter);
    must(node.start(), "start");
    node.notes_states = false;
    // Small pieces come from the allocator, too: each is one that can fail.
    TILL_ASSERT(sqlite3_db_config(node.db().handle(), SQLITE_DBCONFIG_LOOKASIDE, nullptr, 0, 0) == SQLITE_OK);
    arm(story.disk, kind, n, lasting);
    node.serve();
    const std::vector<Status> told = small_day(node, story, kind);
    trial.met = was_met(story.disk, kind, n);
    arm(story.disk, kind, 0, false);
    for (const Status& one : told)
      if (!one.ok() && !is_clear(kind, one.error().code)) trial.fault = "told: " + one.error().message;
    trial.restart = !node.writer->healthy();
    if (!trial.restart) {
      ShopDay day(node);
      const Status next = node.together(story, {day.sell(1)})[0];
      if (!next) trial.fault = "does not go on: " + next.error().message;
    } else if (kind == Failing::full) {
      trial.fault = "a full disk is no reason to stop";
    }
  }
  if (story.disk.synced_again()) trial.fault = "was synced once more after a sync had failed";
  if (trial.fault.empty()) trial.fault = wrong_after_restart(story, kind);
  return trial;
}

}  // namespace

Failures fail_each(Failing kind, bool lasting, Share share) {
  const Tree before = prepared([](Node& node) { open_shop(node, true); });
  Failures failures;
  for (int64_t n = 1 + static_cast<int64_t>(share.part);; n += static_cast<int64_t>(share.parts)) {
    const Trial trial = fail_one(before, kind, n, lasting);
    if (!trial.met && trial.fault.empty()) return failures;
    ++failures.tried;
    failures.restarts += trial.restart;
    if (!trial.fault.empty()) failures.faults.push_back("number " + std::to_string(n) + ": " + trial.fault);
    if (failures.faults.size() >= 3) return failures;
  }
}

}  // namespace till::crash
