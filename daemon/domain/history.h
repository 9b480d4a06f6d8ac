// The change history of shared rows, as shown.
#pragma once

#include "base/fields.h"

namespace till::domain {

struct HistoryEntry {
  int64_t version = 0;
  Time at{};
  Uuid user_id{};
  JsonText changes;  // {"price": [1999, 1799]}; {} for the creation

  static constexpr std::string_view kName = "HistoryEntry";
  static constexpr auto fields() {
    return std::tuple(field("version", &HistoryEntry::version), field("at", &HistoryEntry::at),
                      field("user_id", &HistoryEntry::user_id),
                      field("changes", &HistoryEntry::changes).doc("field: [before, after]; empty for the creation"));
  }
};

}  // namespace till::domain
