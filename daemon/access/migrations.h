// The tables of access, the first migration of every database that has users: a node's (store/migrations.h) and the
// hub's go on from here.
#pragma once

#include "sqlite/migrate.h"

namespace till::access {

extern const std::vector<sqlite::Migration> kMigrations;

}  // namespace till::access
