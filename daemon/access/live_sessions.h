// The sessions that are alive, in memory, so that a token can be believed without asking the database.
// The writer's thread changes it as the last step of a Work, when the savepoint holds, so a logout is known before its
// answer leaves; the door's thread asks it for every request. If the commit then fails, the writer's on_lost loads it
// again: until then a revoked session was out a few milliseconds early, which harms nobody.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "access/storage.h"

namespace till::access {

class LiveSessions {
 public:
  /// What stands in the database instead of whatever was known.
  void load(const std::vector<LiveSession>& all);
  /// `till`: row of the till it began at, 0: none.
  void add(const Uuid& session, const domain::User& user, int64_t till = 0);
  void end(const Uuid& session);
  /// Ends all sessions of a user but `kept` (nil: all).
  void end_all(int64_t user_row, const Uuid& kept = {});
  /// Ends all that began at a till.
  void end_till(int64_t till_row);
  /// Gives the user's sessions his rights and name of now.
  void change(const domain::User& user);

  /// Who asks in this session; nullopt if it has ended.
  [[nodiscard]] std::optional<http::Caller> find(const Uuid& session) const;

 private:
  struct ByRandomPart {
    size_t operator()(const Uuid& id) const;
  };

  mutable std::mutex mutex_;  // held for a lookup and a copy: tens of nanoseconds
  std::unordered_map<Uuid, http::Caller, ByRandomPart> callers_;
};

}  // namespace till::access
