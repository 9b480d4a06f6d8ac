// What every part of access stands on, plugged in by the composition root (main.cpp, a test).
#pragma once

#include <functional>

#include "access/storage.h"
#include "base/random.h"
#include "domain/notice.h"

namespace till::access {

/// What somebody should hear of his own account.
struct Notice {
  domain::NoticeKind kind{};  // login_alert or password_reset
  int64_t user = 0;           // row of whom it is for
  std::string address;        // where it was done from
  std::string secret{};       // for his eyes only: the token that sets a new password
};

/// Carries notices to people: by mail, as a rule.
class Notifier {
 public:
  virtual ~Notifier() = default;
  /// Inside a Work: what is told goes with the change it tells of, and an Error undoes both.
  virtual Status tell(const Notice& notice) = 0;
};

/// For a program that has no way to tell anybody.
class NoNotices final : public Notifier {
 public:
  Status tell(const Notice&) override { return {}; }
};

/// All of it outlives access.
struct Ports {
  const Storage& reading;  // any thread
  Storage& writing;        // the writer's connection: inside a Work only
  Clock& clock;
  Random& random;
  IdSource& ids;
  Notifier& notices;
};

struct UserSettings {
  int64_t version_base = 1;  // versions are never below it (31-sync-review, D9)
  /// Called behind the commit once the one-time password is no longer good.
  std::function<void()> first_password_spent = [] {};
  /// True: whoever registers may ask for any role. For trying things out on one machine only.
  bool open_roles = false;
  /// Inside the Work that erases the user of this row: clears what other layers keep of his person. An Error refuses.
  std::function<Status(int64_t user_row)> before_erasing = [](int64_t) { return Status(); };
};

/// Where an act comes from: who, and from which address. Copied out of a request into its Work.
struct Actor {
  http::Caller caller;
  std::string address;

  static Actor of(const http::Request& request) { return {request.caller, request.address}; }
};

/// Writes into the audit log what the actor did. `subject`: row of the user it was done to, 0: none.
Status note(const Ports& ports, const Actor& actor, Action action, int64_t subject, std::string detail = {});

/// Moves the row's version and time of change.
void touch(domain::Head& row, const Ports& ports, int64_t version_base);
/// Gives a new row its id, first version and time.
void begin(domain::Head& row, const Ports& ports, int64_t version_base);

/// Upper case only differs in ASCII: log-in names are printable ASCII.
std::string lower_case(std::string text);

}  // namespace till::access
