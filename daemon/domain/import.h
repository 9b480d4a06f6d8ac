// A product import: a job over an uploaded CSV file, and what became of each of its rows.
#pragma once

#include "domain/head.h"

namespace till::domain {

// Stored as their numbers: append only.
enum class ImportStatus : uint8_t { running, done, failed };
enum class RowResult : uint8_t { created, updated, unchanged, refused };

}  // namespace till::domain

template <>
struct till::EnumNames<till::domain::ImportStatus> {
  static constexpr std::array<std::string_view, 3> names{"RUNNING", "DONE", "FAILED"};
};
template <>
struct till::EnumNames<till::domain::RowResult> {
  static constexpr std::array<std::string_view, 4> names{"CREATED", "UPDATED", "UNCHANGED", "REFUSED"};
};

namespace till::domain {

struct Import : Head {
  ImportStatus status = ImportStatus::running;
  int64_t total = 0;
  int64_t created = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t refused = 0;
  std::string message;
  bool create_only = false;
  int64_t user = 0;         // on whose behalf
  int64_t next_record = 1;  // where the job goes on, also after a restart

  static constexpr std::string_view kName = "Import";
  static constexpr auto fields() {
    return std::tuple_cat(
        head_fields<Import>(),
        std::tuple(field("status", &Import::status).read_only(),
                   field("total", &Import::total).read_only().doc("rows of the file; 0 until they are counted"),
                   field("created", &Import::created).read_only(), field("updated", &Import::updated).read_only(),
                   field("unchanged", &Import::unchanged).read_only().doc("rows that say what was so already"),
                   field("refused", &Import::refused).read_only().doc("see the rows for the reasons"),
                   field("message", &Import::message).read_only().doc("FAILED: why"),
                   field("create_only", &Import::create_only).read_only(), field("user", &Import::user).hidden(),
                   field("next_record", &Import::next_record).hidden()));
  }

  int64_t& counter(RowResult result) {
    switch (result) {
      case RowResult::created:
        return created;
      case RowResult::updated:
        return updated;
      case RowResult::unchanged:
        return unchanged;
      case RowResult::refused:
        break;
    }
    return refused;
  }
};

struct ImportRow {
  int64_t record = 0;  // from 1, the header not counted
  int64_t line = 0;
  std::string sku{};
  RowResult result = RowResult::refused;
  std::string field{};
  std::string code{};
  std::string detail{};

  static constexpr std::string_view kName = "ImportRow";
  static constexpr auto fields() {
    using till::field;  // not the member
    return std::tuple(field("line", &ImportRow::line).doc("of the file, where the row begins; the header is line 1"),
                      field("sku", &ImportRow::sku).doc("its first 64 bytes"), field("result", &ImportRow::result),
                      field("field", &ImportRow::field).doc("REFUSED: the column, empty for the row as a whole"),
                      field("code", &ImportRow::code).doc("REFUSED: a stable word"),
                      field("detail", &ImportRow::detail).doc("REFUSED: a sentence"));
  }
};

}  // namespace till::domain
