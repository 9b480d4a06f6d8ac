// Envelopes that could not be applied, kept whole and named by their uid (A9): one bad sale stops nobody. An edit whose
// row has not come yet waits here and is applied by itself when it does (B6); for the others an operator decides.
// Writes inside a job of the writer.
#pragma once

#include "domain/page.h"
#include "sqlite/connection.h"
#include "sync/core/envelope.h"

namespace till::hub {

// Stored as its number: append only.
enum class HeldStatus : uint8_t {
  waiting,
  applied,  // after all: the row came, or a retry succeeded
  ignored,  // an operator said so, with a reason
};

inline constexpr std::string_view kWaitsForRow = "waits_for_row";

struct Held {
  int64_t row = 0;
  HeldStatus status = HeldStatus::waiting;
  int64_t stream = 0;  // it came in; the seq stands in the envelope
  core::Envelope envelope{};
  std::string reason{};             // a stable word, or what is wrong with it
  std::optional<Uuid> waits_for{};  // the row that an edit needs
  Time at{};
  std::string note{};           // why it was ignored
  std::string store{}, node{};  // read only
};

Status hold(sqlite::Connection& db, const Held& held);
/// The same envelope again: another status, reason, note.
Status change_held(sqlite::Connection& db, const Held& held);

Result<std::optional<Held>> find_held(sqlite::Connection& db, const Uuid& uid);
/// Newest first; those that wait, or all.
Result<domain::Page<Held>> list_held(sqlite::Connection& db, bool waiting_only, domain::Slice slice);
/// In the order they came.
Result<std::vector<Held>> held_for_row(sqlite::Connection& db, const Uuid& row);
/// The uids of a node's envelopes that wait, of all its epochs; at most `limit`.
Result<std::vector<Uuid>> held_of_node(sqlite::Connection& db, int64_t node, int64_t limit);
Result<int64_t> count_held(sqlite::Connection& db);

}  // namespace till::hub

template <>
struct till::EnumNames<till::hub::HeldStatus> {
  static constexpr std::array<std::string_view, 3> names{"waiting", "applied", "ignored"};
};
