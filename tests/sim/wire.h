// The line between nodes and hub as the worst broker would be: messages are lost, doubled, late and out of order.
// Deterministic: one seed, one history.
#pragma once

#include <map>
#include <random>
#include <string>

#include "base/bytes.h"

namespace till::sim {

using Chance = std::mt19937_64;

inline int64_t pick(Chance& chance, int64_t below) {
  return static_cast<int64_t>(chance() % static_cast<uint64_t>(below));
}
inline bool happens(Chance& chance, int percent) { return pick(chance, 100) < percent; }

struct Parcel {
  std::string topic;
  Bytes payload;
};

class Wire {
 public:
  explicit Wire(Chance& chance) : chance_(chance) {}

  /// Percent of messages that are lost; of the others some are doubled and some are very late. 0: a good line.
  void set_loss(int percent) { loss_ = percent; }

  void send(int64_t now, Parcel parcel) {
    const int copies = loss_ > 0 && happens(chance_, 15) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      if (happens(chance_, loss_)) continue;
      const bool late = loss_ > 0 && happens(chance_, 8);
      const int64_t delay = pick(chance_, 3) + (late ? pick(chance_, 60) : 0);
      on_the_way_.emplace(now + delay, parcel);
    }
  }

  /// What arrives up to now, in order of arrival.
  template <class F>
  void deliver(int64_t now, F&& receive) {
    while (!on_the_way_.empty() && on_the_way_.begin()->first <= now) {
      const Parcel parcel = std::move(on_the_way_.begin()->second);
      on_the_way_.erase(on_the_way_.begin());
      receive(parcel);
    }
  }

 private:
  Chance& chance_;
  int loss_ = 0;
  std::multimap<int64_t, Parcel> on_the_way_;
};

}  // namespace till::sim
