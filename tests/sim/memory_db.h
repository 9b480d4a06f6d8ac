// Databases of the simulator: in memory, copied as a whole.
#pragma once

#include <memory>

#include "sqlite/connection.h"

namespace till::sim {

/// Ends the process with what failed: the simulator itself is broken then, or a database that must not fail did.
void must(const Status& status, const char* what);

std::unique_ptr<sqlite::Connection> empty_database();
Bytes bytes_of(sqlite::Connection& db);
std::unique_ptr<sqlite::Connection> database_of(const Bytes& bytes);

}  // namespace till::sim
