#include "sync/node/attach.h"

#include "store/categories.h"
#include "store/products.h"

namespace till::node {
namespace {

constexpr int64_t kChunk = 256;  // rows a transaction

struct Attaching {
  const outbox::Author& author;
  Time now;

  template <Described Row>
  Status tell(sqlite::Connection& tx, store::Entity entity, const Row& row) const {
    return outbox::append(tx,
                          {.entity = entity,
                           .action = core::Action::create,
                           .id = row.id,
                           .at = now,
                           .fields = store::field_edits<Row>(nullptr, &row)},
                          author);
  }

  // Chunk by chunk, in the order of their rows; `list` gives a page after a row.
  template <class List>
  Status tell_all(sqlite::Connection& db, store::Entity entity, List list) const {
    for (int64_t after = 0, more = 1; more != 0; after = more) {
      TILL_CHECK(sqlite::transact(db, [&](sqlite::Connection& tx) -> Status {
        TILL_TRY(const auto page, list(tx, after));
        for (const auto& row : page.items) TILL_CHECK(tell(tx, entity, row));
        more = page.next;
        return {};
      }));
    }
    return {};
  }
};

}  // namespace

Status attach(sqlite::Connection& db, IdSource& ids, Clock& clock, int64_t business_date) {
  TILL_TRY(const bool attached, outbox::is_attached(db));
  if (attached) return {};
  TILL_CHECK(sqlite::transact(db, outbox::clear));
  const outbox::Author author{.ids = &ids, .stream = core::Stream::bulk, .business_date = business_date};
  const Attaching attaching{author, clock.now()};
  TILL_CHECK(attaching.tell_all(db, store::Entity::category, [](sqlite::Connection& tx, int64_t after) {
    return store::list_categories(tx, {.cursor = after, .limit = kChunk});
  }));
  TILL_CHECK(attaching.tell_all(db, store::Entity::product, [](sqlite::Connection& tx, int64_t after) {
    return store::list_products(tx, {}, {.cursor = after, .limit = kChunk});
  }));
  return db.run("INSERT INTO meta (key, value) VALUES ('attached_at', ?)", clock.now());
}

}  // namespace till::node
