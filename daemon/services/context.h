// What every service works with: the clock, ids, the store's settings and identity, and the two ways to the database.
// Services speak shop words and own what happens in a write: they run inside one savepoint on the writer's thread.
#pragma once

#include <map>

#include "base/clock.h"
#include "base/id.h"
#include "domain/page.h"
#include "domain/role.h"
#include "domain/totals.h"
#include "http/event_feed.h"
#include "services/cards.h"
#include "sqlite/reader.h"
#include "sqlite/writer.h"
#include "store/history.h"
#include "store/identity.h"

namespace till::services {

/// The store's rules, from the configuration. Read-only once the daemon runs.
struct Settings {
  domain::PriceRules prices;
  std::map<std::string, int64_t, std::less<>> tax_classes{{"standard", 190'000}};  // ppm
  domain::Role override_role = domain::Role::manager;                              // who may sell at another price
  int64_t day_starts_min = 0;
  int64_t once_days = 30;
  int64_t reserve_min = 60;  // how long the goods of a placed order are held back
  int64_t most_unpaid = 20;  // orders of one customer that do so: nobody empties the shelves without paying
  CardMode cards = CardMode::off;
  std::string data_dir;
  std::vector<std::string> scan_patterns{};  // domain/scan_code.h
};

struct Context {
  Clock& clock;
  IdSource& ids;
  const Settings& settings;
  const store::Identity& identity;
  sqlite::Writer& writer;
  sqlite::Readers& readers;
  http::EventFeed& events;

  /// The writer's connection: inside a write only.
  [[nodiscard]] sqlite::Connection& tx() const { return writer.connection(); }
  /// The calling thread's connection, with a snapshot that holds every commit so far.
  [[nodiscard]] Result<sqlite::Connection*> read() const { return readers.fresh(); }
  [[nodiscard]] store::Stamp stamp(const http::Caller& caller) const {
    return {.now = clock.now(), .user = caller.user, .version_base = identity.version_base};
  }
  /// Of an edit of a row that others edit too: with a hub it goes there, by this stream.
  [[nodiscard]] store::Stamp edit_stamp(const http::Caller& caller, core::Stream stream) const {
    store::Stamp edit = stamp(caller);
    edit.author = {
        .ids = &ids, .user = caller.id, .trace = caller.trace, .stream = stream, .business_date = business_date()};
    return edit;
  }
  /// Inside a write: told live once it is committed.
  void announce(http::Event event) const {
    writer.after_commit([this, event = std::move(event)]() mutable { events.publish(std::move(event)); });
  }
  [[nodiscard]] int64_t business_date() const { return till::business_date(clock.now(), settings.day_starts_min); }
};

}  // namespace till::services
