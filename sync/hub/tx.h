// One write at the hub: the connection inside a job of the writer, the time, and the revs that it takes. Everything
// that changes what nodes pull goes through one of these; its maker ends it with revs.save(). On the writer's thread.
#pragma once

#include "base/id.h"
#include "sync/hub/revs.h"

namespace till::hub {

struct Tx {
  Tx(sqlite::Connection& connection, IdSource& id_source, Time time)
      : db(connection), ids(id_source), now(time), revs(connection) {}

  sqlite::Connection& db;
  IdSource& ids;
  Time now;
  Revs revs;
};

}  // namespace till::hub
