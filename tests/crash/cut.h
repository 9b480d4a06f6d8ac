// Cuts a scenario's story (story.h) at its places and starts the program from what is left, again and again.
#pragma once

#include <unordered_map>

#include "crash/images.h"
#include "crash/story.h"

namespace till::crash {

/// One image of all of a scenario's: enough to make it again.
struct Which {
  size_t place = 0;  // operations of the log that were done
  int variant = 0;   // images.h
  uint64_t seed = 1;
  int liars = 0;  // percent of the syncs that said yes and did nothing
};

struct Tally {
  int64_t images = 0;
  int64_t different = 0;  // of them
  int64_t damaged = 0;    // that the program refused to start from; none unless syncs lie
  std::vector<std::string> faults{};

  void add(const Which& which, const std::string& fault);
  void add(const Tally& other);
};

/// Of all images every `parts`-th, beginning with number `part`.
struct Share {
  size_t part = 0, parts = 1;
};

class Cutter {
 public:
  /// Plays the story.
  explicit Cutter(const Scenario& scenario);

  [[nodiscard]] const Scenario& scenario() const { return scenario_; }
  [[nodiscard]] size_t places() const { return story_->disk.log().size(); }
  /// The last operations before a place, a line each.
  [[nodiscard]] std::string what_led_to(size_t place) const;

  /// About so many images, spread over all places. Syncs of `like` lie; then each image either starts with what there
  /// was after some commit, or does not start.
  Tally cut(int64_t images, const Which& like, Share share);
  /// Why this image is wrong; empty: it is right.
  std::string check(const Which& which);

 private:
  /// What a start from some image came to.
  struct Outcome {
    std::string refused{};  // why it did not start
    std::string fault{};    // what is wrong whenever the cut came
    uint64_t rows = 0;
    size_t breaks_at = SIZE_MAX;  // of the promises it does not keep, the first one's place
    std::string broken{};         // … and what it was
  };
  const Outcome& start(const Tree& image, Tally& tally);
  Outcome start_anew(const Tree& image);
  Outcome look_at(System& system) const;
  [[nodiscard]] std::string judge(const Outcome& outcome, const Which& which) const;
  void go_on_after_another_cut(Outcome& outcome, const Tree& image, const Disk& disk);
  [[nodiscard]] std::set<size_t> liars(const Which& which) const;

  const Scenario& scenario_;
  std::unique_ptr<Story> story_;
  std::unordered_map<uint64_t, Outcome> by_image_, by_pages_;
  uint64_t starts_ = 0;
};

}  // namespace till::crash
