// The tables of access, in every database that has users: a node's (store/migrations.h) and the hub's have these
// migrations among their own.
#pragma once

#include "sqlite/migrate.h"

namespace till::access {

extern const std::vector<sqlite::Migration> kMigrations;

}  // namespace till::access
