#include "sim/hub_end.h"

#include "sim/memory_db.h"
#include "sqlite/migrate.h"
#include "sync/core/seal.h"
#include "sync/hub/migrations.h"

namespace till::sim {
namespace {

Bytes digits(int64_t number) {
  const std::string text = std::to_string(number);
  return {text.begin(), text.end()};
}

}  // namespace

HubEnd::HubEnd(const core::Key& key, uint64_t seed, Time now, Send send)
    : clock(now), key_(key), send_(std::move(send)), random_(seed) {
  db_ = empty_database();
  auto ran = sqlite::migrate(*db_, hub::kMigrations, now);
  must(ran ? Status{} : Status(ran.error()), "migrate");
  must(sqlite::transact(*db_,
                        [&](sqlite::Connection& tx) -> Status {
                          TILL_TRY(identity_, hub::create_identity(tx, {"t", "EUR"}, random_, now));
                          return {};
                        }),
       "first start");
  applier_.emplace(clock, ids_, *identity_);
}

HubEnd::~HubEnd() = default;

Bytes HubEnd::snapshot() const { return bytes_of(*db_); }

void HubEnd::put_back(const Bytes& snapshot, bool knowingly) {
  db_ = database_of(snapshot);
  if (!knowingly) return;
  must(write([&]() -> Status {
         random_.fill(identity_->epoch);
         return db_->run("UPDATE meta SET value = ? WHERE key = 'hub_epoch'", identity_->epoch);
       }),
       "restore");
}

template <class F>
auto HubEnd::write(F&& change) -> decltype(change()) {
  std::optional<decltype(change())> result;
  const Status status = sqlite::transact(*db_, [&](sqlite::Connection&) -> Status {
    result.emplace(change());
    return result->ok() ? Status{} : Status(result->error());
  });
  if (!status.ok()) return status.error();
  return std::move(*result);
}

void HubEnd::receive(const Parcel& parcel) {
  clock.advance_ms(1);
  const auto name = core::author_of(parcel.topic);
  if (!up_ || !name) return;
  auto message = core::open(parcel.payload, key_, parcel.topic);
  if (!message) return;
  if (auto reply = answer(*name, *message)) {
    const std::string topic = core::topic_of(*name, *reply);
    send_({topic, core::seal(*reply, key_, topic)});
  }
}

std::optional<core::Message> HubEnd::answer(const core::NodeName& name, core::Message& message) {
  if (auto* hello = std::get_if<core::Hello>(&message)) {
    auto welcome = write([&] { return applier_->welcome(*db_, name, *hello); });
    must(welcome ? Status{} : Status(welcome.error()), "welcome");
    return core::Message(std::move(*welcome));
  }
  if (auto* up = std::get_if<core::Up>(&message)) return apply(name, *up);
  if (auto* pull = std::get_if<core::Pull>(&message)) {
    auto page = hub::make_page(*db_, *identity_, name, *pull);
    must(page ? Status{} : Status(page.error()), "page");
    return core::Message(std::move(*page));
  }
  return std::nullopt;
}

std::optional<core::Message> HubEnd::apply(const core::NodeName& name, core::Up& up) {
  const bool alone = up.envelopes.size() == 1;
  auto way = write([&] { return applier_->note(*db_, name, up, alone); });
  must(way ? Status{} : Status(way.error()), "note");
  if (*way != hub::Way::apart) {
    auto ack = write([&] { return applier_->apply(*db_, name, up, *way); });
    must(ack ? Status{} : Status(ack.error()), "apply");
    return core::Message(std::move(*ack));
  }
  std::optional<core::Message> last;
  for (core::Up& part : hub::taken_apart(up)) last = apply(name, part);
  return last;
}

void HubEnd::ring(const core::NodeName& name) {
  if (!up_) return;
  auto store = db_->value<int64_t>("SELECT row FROM stores WHERE name = ?", name.store);
  send_({core::head_topic(name, core::Scope::tenant), digits(rev(hub::kTenant))});
  if (store && *store) send_({core::head_topic(name, core::Scope::store), digits(rev(**store))});
}

int64_t HubEnd::rev(int64_t scope) const {
  auto head = hub::find_head(*db_, scope);
  return head ? head->at.rev : 0;
}

void HubEnd::edit(Chance& chance) {
  clock.advance_ms(1);
  if (!up_) return;
  auto ids = db_->query("SELECT id FROM shared_rows WHERE entity = 1 AND removed = 0 ORDER BY row");
  std::vector<Uuid> all;
  while (ids.next()) all.push_back(ids.get<Uuid>(0));
  if (all.empty()) return;
  const Uuid id = all[static_cast<size_t>(pick(chance, static_cast<int64_t>(all.size())))];
  auto row = hub::find_row(*db_, core::Entity::product, id);
  must(row ? Status{} : Status(row.error()), "row");
  const core::RowImage& image = (*row)->image;
  core::RowEdit edit{.entity = core::Entity::product, .id = id, .at = clock.now()};
  if (happens(chance, 8)) {
    edit.action = core::Action::remove;
    for (const core::RowField& field : image.fields)
      edit.fields.push_back({field.name, field.tags, field.value, "null"});
  } else {
    const bool price = happens(chance, 50);
    const std::string number = std::to_string(pick(chance, 6));
    const core::RowField* field = image.find(price ? "price" : "name");
    if (!field) return;
    edit.fields.push_back({field->name, field->tags, field->value, price ? number : "\"Name " + number + "\""});
  }
  must(write([&]() -> Status {
         hub::Tx tx(*db_, ids_, clock.now());
         const Uuid uid = ids_.next();
         tx.revs.begin(uid, core::Kind::edit);
         TILL_TRY(const hub::Applied applied, hub::apply_edit(tx, {}, edit, uid));
         static_cast<void>(applied);
         return tx.revs.save();
       }),
       "edit");
}

}  // namespace till::sim
