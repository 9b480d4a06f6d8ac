// What a power cut may have left of a disk: walks along the log of one run (disk.h) and makes images of each place.
// What was synced is there. What was not is there, is not, is torn or is garbage, sector by sector; names that were
// made, removed or changed in a folder that was not synced since are so from some place on not at all.
#pragma once

#include <random>
#include <set>

#include "crash/disk.h"

namespace till::crash {

using Chance = std::mt19937_64;

inline constexpr size_t kSector = 512;

class Walk {
 public:
  /// Begins before the first operation. `lies`: places in the log of syncs that said yes and did nothing. Both outlive
  /// the walk.
  Walk(const Tree& start, const std::vector<Op>& log, const std::set<size_t>& lies)
      : log_(log), lies_(lies), lasting_(start) {}

  [[nodiscard]] size_t at() const { return at_; }
  [[nodiscard]] bool is_done() const { return at_ == log_.size(); }
  /// One operation on.
  void step();
  /// False: a power cut can leave but one image here.
  [[nodiscard]] bool has_choices() const { return !contents_.empty() || !names_.empty(); }

  /// The first variants are: nothing of what was not synced is there, all of it, only contents, only names. All others
  /// are as chance has it.
  static constexpr int kFixedVariants = 4;
  [[nodiscard]] Tree image(int variant, Chance& chance) const;

 private:
  template <class Lasts>
  void settle(std::vector<const Op*>& waiting, Lasts lasts);

  const std::vector<Op>& log_;
  const std::set<size_t>& lies_;
  size_t at_ = 0;
  Tree lasting_;
  std::vector<const Op*> contents_{}, names_{};  // done and not synced, in order
};

}  // namespace till::crash
