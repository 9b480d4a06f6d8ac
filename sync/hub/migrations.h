// The migrations of the hub's database, in order: access/migrations/001_access.sql, then migrations/*.sql, embedded by
// the build (toolchains/cmake/layers.cmake).
#pragma once

#include "sqlite/migrate.h"

namespace till::hub {

extern const std::vector<sqlite::Migration> kMigrations;

}  // namespace till::hub
