#include "crash/cut.h"

#include <algorithm>

namespace till::crash {
namespace {

constexpr int64_t kLeastVariants = Walk::kFixedVariants + 2;
constexpr uint64_t kWorksOnEvery = 16;  // starts: a sale after each would cost more than all else
constexpr size_t kMostFaults = 3;       // of a scenario: they are all alike

Chance chance_of(const Which& which) {
  return Chance(which.seed * 1'000'003 + which.place * 1'009 + static_cast<uint64_t>(which.variant));
}

}  // namespace

void Tally::add(const Which& which, const std::string& fault) {
  ++images;
  if (fault.empty() || faults.size() >= kMostFaults) return;
  faults.push_back("--at " + std::to_string(which.place) + " --variant " + std::to_string(which.variant) + " --seed " +
                   std::to_string(which.seed) + " --liars " + std::to_string(which.liars) + ": " + fault);
}

void Tally::add(const Tally& other) {
  images += other.images;
  different += other.different;
  damaged += other.damaged;
  faults.insert(faults.end(), other.faults.begin(), other.faults.end());
}

Cutter::Cutter(const Scenario& scenario) : scenario_(scenario) {
  const Tree before = scenario.prepare();
  Disk first(before);
  Disk::use(&first);
  uint64_t rows = 0;
  {
    const auto system = scenario.make();
    must(system->start(), scenario.name + ": start");
    rows = rows_of(system->db());
  }
  story_ = std::make_unique<Story>(before);
  story_->first_state(rows);
  Disk::use(&story_->disk);
  scenario.play(*story_);
}

Tally Cutter::cut(int64_t images, const Which& like, Share share) {
  const std::set<size_t> lies = liars(like);
  int64_t with_choices = 1;
  for (Walk walk(story_->start, story_->disk.log(), lies); !walk.is_done(); walk.step())
    with_choices += walk.has_choices();
  const int64_t variants = std::max(kLeastVariants, images / with_choices);
  const auto stride = static_cast<size_t>(std::max<int64_t>(1, (with_choices * variants + images - 1) / images));
  Tally tally;
  size_t turn = 0;
  for (Walk walk(story_->start, story_->disk.log(), lies);; walk.step()) {
    for (int variant = 0; walk.at() % stride == 0 && variant < (walk.has_choices() ? variants : 1); ++variant) {
      if (turn++ % share.parts != share.part) continue;
      Which which = like;
      which.place = walk.at();
      which.variant = variant;
      Chance chance = chance_of(which);
      tally.add(which, judge(start(walk.image(variant, chance), tally), which));
    }
    if (walk.is_done()) return tally;
  }
}

std::string Cutter::check(const Which& which) {
  const std::set<size_t> lies = liars(which);
  Walk walk(story_->start, story_->disk.log(), lies);
  while (walk.at() < which.place && !walk.is_done()) walk.step();
  Chance chance = chance_of(which);
  Tally tally;
  starts_ = kWorksOnEvery - 1;  // with all that is done to some only
  return judge(start(walk.image(which.variant, chance), tally), which);
}

std::string Cutter::what_led_to(size_t place) const {
  constexpr size_t kShown = 16;
  constexpr std::array kKinds{"write", "resize", "sync", "link", "unlink", "rename", "sync folder", ""};
  std::string text;
  const auto& log = story_->disk.log();
  for (size_t i = place - std::min(place, kShown); i < std::min(place, log.size()); ++i) {
    const Op& op = log[i];
    text += std::to_string(i) + " " + kKinds[static_cast<size_t>(op.kind)] + " " + op.name + op.to;
    if (op.file != 0) text += " file " + std::to_string(op.file) + " at " + std::to_string(op.offset);
    if (!op.bytes.empty()) text += ", " + std::to_string(op.bytes.size()) + " bytes";
    text += "\n";
  }
  return text;
}

std::set<size_t> Cutter::liars(const Which& which) const {
  std::set<size_t> lies;
  Chance chance(which.seed);
  for (size_t i = 0; which.liars > 0 && i < story_->disk.log().size(); ++i) {
    const Op::Kind kind = story_->disk.log()[i].kind;
    if (kind != Op::Kind::sync && kind != Op::Kind::sync_folder) continue;
    if (chance() % 100 < static_cast<uint64_t>(which.liars)) lies.insert(i);
  }
  return lies;
}

// ---- one image

const Cutter::Outcome& Cutter::start(const Tree& image, Tally& tally) {
  const auto [known, is_new] = by_image_.try_emplace(image.fingerprint());
  if (is_new) {
    ++tally.different;
    known->second = start_anew(image);
    if (!known->second.refused.empty()) ++tally.damaged;
  }
  return known->second;
}

Cutter::Outcome Cutter::start_anew(const Tree& image) {
  Disk disk(image);
  Disk::use(&disk);
  auto system = scenario_.make();
  if (const Status started = system->start(); !started) return {.refused = started.error().message};
  // Backups stand beside the database: its pages do not tell of them.
  const auto [known, is_new] = by_pages_.try_emplace(pages_of(system->db()) ^ disk.tree().fingerprint(kBackups));
  if (is_new) known->second = look_at(*system);
  Outcome outcome = known->second;
  if (++starts_ % kWorksOnEvery == 0 && outcome.fault.empty()) {
    if (const Status worked = system->work_on(); !worked)
      outcome.fault = "cannot work on: " + worked.error().message;
    else
      go_on_after_another_cut(outcome, image, disk);
  }
  disk.cut();  // what the end of this process would write is nobody's
  return outcome;
}

// The power goes again, while the start repairs what the first time left or the work goes on.
void Cutter::go_on_after_another_cut(Outcome& outcome, const Tree& image, const Disk& disk) {
  const std::set<size_t> nobody;
  Chance chance(starts_);
  Walk walk(image, disk.log(), nobody);
  for (size_t steps = chance() % (disk.log().size() + 1); steps > 0; --steps) walk.step();
  Disk again(walk.image(Walk::kFixedVariants, chance));
  Disk* before = Disk::current();
  Disk::use(&again);
  {
    auto system = scenario_.make();
    const Status started = system->start();
    if (!started)
      outcome.fault = "after another cut: does not start: " + started.error().message;
    else if (const Outcome second = look_at(*system); !second.fault.empty())
      outcome.fault = "after another cut: " + second.fault;
    again.cut();
  }
  Disk::use(before);
}

Cutter::Outcome Cutter::look_at(System& system) const {
  Found found;
  system.look(found);
  Outcome outcome{.rows = found.rows};
  if (!found.faults.empty()) outcome.fault = found.faults[0];
  if (const Promise* broken = story_->first_broken(found)) {
    outcome.breaks_at = broken->at;
    outcome.broken = broken->what + ", version " + std::to_string(broken->version);
  }
  return outcome;
}

std::string Cutter::judge(const Outcome& outcome, const Which& which) const {
  const bool lied = which.liars > 0;
  if (!outcome.refused.empty()) return lied ? "" : "does not start: " + outcome.refused;
  // Whether a backup is whole is looked at when it is needed.
  if (!outcome.fault.empty() && !(lied && outcome.fault.starts_with(kBackups))) return outcome.fault;
  if (!lied && outcome.breaks_at < which.place) return "answered, and is not there: " + outcome.broken;
  const size_t newest = story_->state_at(which.place);
  if (story_->find_state(outcome.rows, lied ? 0 : newest, newest + 1)) return {};
  return "holds what was there after no commit, instead of commit " + std::to_string(newest) + " or the next";
}

}  // namespace till::crash
