// The migrations of the hub's database, in order: access/migrations/*.sql and migrations/*.sql by number, embedded by
// the build (toolchains/cmake/layers.cmake).
#pragma once

#include "sqlite/migrate.h"

namespace till::hub {

extern const std::vector<sqlite::Migration> kMigrations;

}  // namespace till::hub
