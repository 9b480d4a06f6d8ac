// Tills: a manager adds one and reads out its pairing code; the device at the place types it once and from then on
// shows the token it got for it (header Till-Token). At a paired till the staff log in by PIN (access/sessions.h).
// Functions that return Work may be called on any thread; the Work is the writer's. A token is looked up by its hash at
// each use, so a revoked till is a stranger with the commit that revokes it.
#pragma once

#include "access/bodies.h"
#include "access/live_sessions.h"
#include "access/passwords.h"
#include "access/ports.h"
#include "http/handler.h"

namespace till::access {

inline constexpr int64_t kPairingCode_ms = 600'000;

/// Whose token it is. Error: unauthorized ("invalid_till_token").
Result<domain::Till> till_of(const Storage& storage, const std::string& token);
/// Who may log in at a till by PIN, if he has one.
bool is_till_staff(const domain::User& user);

class Tills {
 public:
  Tills(Ports ports, const UserSettings& settings, LiveSessions& live, Passwords& passwords)
      : ports_(ports), settings_(settings), live_(live), passwords_(passwords) {}

  /// Ends with a PairingCode, 201.
  http::Work add(Actor actor, domain::Till wanted);
  /// Another code; a device that is paired stays so until the code is used. Ends with a PairingCode. Errors: not_found,
  /// conflict ("till_revoked").
  http::Work make_code(Actor actor, const Uuid& id);
  /// Ends with the till. Errors: as above, and stale.
  http::Work change(Actor actor, const Uuid& id, http::Change<domain::Till> change);
  /// The device's token and the sessions that began at it are dead at once. Ends with 204. Errors as change.
  http::Work revoke(Actor actor, const Uuid& id, int64_t version);
  /// The device that shows the code is the till from now on, and no other. Ends with a PairedTill, 201. Errors:
  /// unauthorized ("invalid_pairing_code"), too_many ("too_many_tries").
  http::Work pair(const std::string& code, const std::string& address);
  /// The till of this device and who may log in at it. Error: unauthorized.
  [[nodiscard]] Result<TillPlace> place(const std::string& token) const;

 private:
  Result<domain::Till> existing(const Uuid& id, std::optional<int64_t> version) const;
  std::string renew_code(domain::Till& till) const;
  Status write(const Actor& actor, domain::Till& till, Action action);
  Status end_sessions(const domain::Till& till);

  const Ports ports_;
  const UserSettings& settings_;
  LiveSessions& live_;
  Passwords& passwords_;
};

}  // namespace till::access
