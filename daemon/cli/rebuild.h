// A damaged database (sqlite/examine.h) is put aside and rebuilt, from what can still be read of it; what headquarters
// has comes back from there. So a shop opens in the morning although its disk lied.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "store/rebuild.h"

namespace till::cli {

enum class Rebuild : uint8_t {
  if_nothing_is_lost,  // an index, an old page: all rows can be read
  anyhow,
};

/// The data directory must be locked by the caller, the database closed. The damaged one stays beside the new as
/// shop.db.damaged-<time>, with a text that says what was lost. Error: invalid, naming the file and what could be done:
/// something was lost, and that was not allowed. Nothing has changed then.
Status rebuild_database(const std::string& data_dir, const Error& damage, const store::Names& names, Rebuild how,
                        Random& random, Clock& clock);

}  // namespace till::cli
