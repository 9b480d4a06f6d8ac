// The migrations of a node's database, in order: access/migrations/*.sql and migrations/*.sql by number, embedded by
// the build (toolchains/cmake/layers.cmake).
#pragma once

#include "sqlite/migrate.h"

namespace till::store {

extern const std::vector<sqlite::Migration> kMigrations;

}  // namespace till::store
