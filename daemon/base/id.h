// Identifiers: UUIDs at the border, 16-byte blobs in the database (D19).
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"

namespace till {

struct Uuid {
  std::array<uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }
  [[nodiscard]] ByteView view() const { return bytes; }

  /// The id of the n-th part (line, payment) of a thing made by IdSource::next_parent(): the parent's id with n in
  /// its last 16 bits. Parts need no id column and no index of their own (D19).
  [[nodiscard]] Uuid child(uint16_t n) const;
  [[nodiscard]] Uuid parent() const { return child(0); }
  [[nodiscard]] uint16_t child_number() const;
};

/// Lower-case 8-4-4-4-12; parsing takes either case and nothing else.
std::string to_string(const Uuid& id);
void append_uuid(std::string& out, const Uuid& id);
std::optional<Uuid> parse_uuid(std::string_view text);

/// UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, a 12-bit counter within the millisecond (§6.2 method 1), random
/// bits. Ids of one source only grow, also when the clock stands still or goes back. Any thread.
class IdSource {
 public:
  IdSource(Clock& clock, Random& random) : clock_(clock), random_(random) {}
  Uuid next();
  /// Like next(), with the last 16 bits zero: room for the ids of its parts.
  Uuid next_parent();

 private:
  Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  int64_t last_ms_ = 0;
  uint32_t counter_ = 0;
};

}  // namespace till
