// Who is connected, from where, and since when each one waits for what. Answers in a few steps, however many there
// are: whose patience is over, and who has to go when there is no room (the one that has waited longest, of the same
// address if that one is at its cap). Owns the connections. Door's thread.
#pragma once

#include <array>
#include <limits>
#include <unordered_map>
#include <vector>

#include "http/connection.h"

namespace till::http {

struct RosterLimits {
  size_t connections;
  size_t per_address;                         // not for loopback and the control socket
  std::array<int64_t, kWaits> patience_ms{};  // by Wait
};

class Roster {
 public:
  explicit Roster(const RosterLimits& limits) : limits_(limits) {}

  struct Room {
    bool free;
    Connection* instead = nullptr;  // not free: close this one first; null: turn the newcomer away
  };
  /// Whether another connection from `address` may come in.
  Room room_for(const std::string& address);
  /// The one that has waited longest of all, or null.
  Connection* longest_waiting();
  Connection& add(Fd socket, const std::string& address);

  /// `connection` waits from now on; what it waited for before is forgotten.
  void wait(Connection& connection, Wait what, int64_t now_us);
  /// One whose patience is over, or null.
  Connection* overdue(int64_t now_us);
  /// When that will next be so; the far future if nobody waits.
  int64_t next_deadline_us();

  /// It is closed: it counts no more.
  void leave(Connection& connection);
  /// Frees it, but not before sweep(): events at hand may still name it.
  void bury(Connection& connection);
  void sweep() { graves_.clear(); }

  [[nodiscard]] size_t open() const { return open_; }
  template <class F>
  void for_each(F call) {
    for (size_t i = all_.size(); i-- > 0;) call(*all_[i]);  // backwards: `call` may bury it
  }

 private:
  [[nodiscard]] int64_t deadline_of(const Connection& connection) const;

  RosterLimits limits_;
  size_t open_ = 0;
  std::vector<std::unique_ptr<Connection>> all_;
  std::vector<std::unique_ptr<Connection>> graves_;
  std::unordered_map<std::string, Peer> peers_;
  std::array<Chain<Connection, ByWait>, kWaits> waiting_;  // in the order of their deadlines
};

}  // namespace till::http
