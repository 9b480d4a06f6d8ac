#include "access/live_sessions.h"

#include <cstring>

namespace till::access {
namespace {

http::Caller caller_of(const domain::User& user, const Uuid& session, int64_t till) {
  return {.user = user.row,
          .id = user.id,
          .rights = domain::rights_of(user.role),
          .session = session,
          .name = user.name,
          .restricted = user.must_change_password,
          .limited = user.role == domain::Role::customer,
          .till = till};
}

}  // namespace

/// A UUIDv7 begins with the time and ends with chance.
size_t LiveSessions::ByRandomPart::operator()(const Uuid& id) const {
  size_t hash = 0;
  std::memcpy(&hash, id.bytes.data() + id.bytes.size() - sizeof hash, sizeof hash);
  return hash;
}

void LiveSessions::load(const std::vector<LiveSession>& all) {
  std::lock_guard lock(mutex_);
  callers_.clear();
  for (const LiveSession& live : all) callers_.emplace(live.id, caller_of(live.user, live.id, live.till));
}

void LiveSessions::add(const Uuid& session, const domain::User& user, int64_t till) {
  std::lock_guard lock(mutex_);
  callers_.insert_or_assign(session, caller_of(user, session, till));
}

void LiveSessions::end(const Uuid& session) {
  std::lock_guard lock(mutex_);
  callers_.erase(session);
}

void LiveSessions::end_all(int64_t user_row, const Uuid& kept) {
  std::lock_guard lock(mutex_);
  std::erase_if(callers_, [&](const auto& live) { return live.second.user == user_row && live.first != kept; });
}

void LiveSessions::end_till(int64_t till_row) {
  std::lock_guard lock(mutex_);
  std::erase_if(callers_, [&](const auto& live) { return live.second.till == till_row; });
}

void LiveSessions::change(const domain::User& user) {
  std::lock_guard lock(mutex_);
  for (auto& [session, caller] : callers_)
    if (caller.user == user.row) caller = caller_of(user, session, caller.till);
}

std::optional<http::Caller> LiveSessions::find(const Uuid& session) const {
  std::lock_guard lock(mutex_);
  const auto found = callers_.find(session);
  if (found == callers_.end()) return std::nullopt;
  return found->second;
}

}  // namespace till::access
