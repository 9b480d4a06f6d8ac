#include "sim/memory_db.h"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

namespace till::sim {

void must(const Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "simulator: %s: %s\n", what, status.error().message.c_str());
  std::abort();
}

std::unique_ptr<sqlite::Connection> empty_database() {
  auto db = sqlite::Connection::open(":memory:", sqlite::Mode::create);
  must(db ? Status{} : Status(db.error()), "open");
  return std::move(*db);
}

Bytes bytes_of(sqlite::Connection& db) {
  sqlite3_int64 size = 0;
  unsigned char* data = sqlite3_serialize(db.handle(), "main", &size, 0);
  Bytes bytes(data, data + size);
  sqlite3_free(data);
  return bytes;
}

std::unique_ptr<sqlite::Connection> database_of(const Bytes& bytes) {
  auto db = empty_database();
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), copy);
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  constexpr unsigned kFlags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE;
  if (sqlite3_deserialize(db->handle(), "main", copy, size, size, kFlags) != SQLITE_OK) std::abort();
  return db;
}

}  // namespace till::sim
