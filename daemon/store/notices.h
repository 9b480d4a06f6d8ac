// Notices (006_orders.sql): who is to hear of what.
#pragma once

#include "domain/notice.h"
#include "store/table.h"

namespace till::store {

Status add_notice(sqlite::Connection& db, const domain::Notice& notice);
/// Newest first; `before_row` 0: from the newest.
Result<Page<domain::Notice>> list_notices(sqlite::Connection& db, std::optional<domain::NoticeKind> kind,
                                          int64_t before_row, int64_t limit);
/// Forgets the secrets of those from before `made_before`.
Status forget_secrets(sqlite::Connection& db, Time made_before);
/// Forgets some of those from before `made_before`.
Status forget_notices(sqlite::Connection& db, Time made_before, int64_t limit);
/// Those of one user, with their secrets.
Status forget_notices_of(sqlite::Connection& db, int64_t user);

}  // namespace till::store
