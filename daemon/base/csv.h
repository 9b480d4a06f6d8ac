// Comma separated values (RFC 4180) as shops really have them: with or without a byte order mark, `,` or `;`, CRLF or
// LF. Called by the import and export jobs on the worker pool; a file of any size passes through 64 KiB of memory.
// A bad row is a value with its line and a reason, and reading goes on with the next line: one bad row of a
// supplier's list must not stop the other ten thousand.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace till {

inline constexpr size_t kMaxCsvFieldBytes = size_t{64} << 10;
inline constexpr size_t kMaxCsvRowBytes = size_t{1} << 20;
inline constexpr size_t kMaxCsvColumns = 100;

/// Fills the front of `into` and says how much; 0 is the end.
using CsvSource = std::function<Result<size_t>(std::span<char> into)>;
/// Reads from a stream, which must outlive the source.
CsvSource csv_source(std::istream& in);

struct CsvRow {
  int64_t line = 0;                 // where the row begins, from 1; a quoted line break makes a row longer than a line
  std::vector<std::string> fields;  // as many as the header has, unless there is an error
  std::string error;                // why the row is refused: bad quoting, too long, no UTF-8, missing fields; or empty
};

class CsvReader {
 public:
  explicit CsvReader(CsvSource source) : source_(std::move(source)) {}

  /// Reads the header line and finds the separator: of `,` and `;` the one the line has more of. Once, before next().
  /// Errors: invalid if there is no header, a name is empty or appears twice, or a limit is passed; those of the
  /// source.
  Status open();
  [[nodiscard]] const std::vector<std::string>& header() const { return header_; }
  [[nodiscard]] std::optional<size_t> column(std::string_view name) const;

  /// Reads the next row into `row`; false at the end. Empty lines are skipped. After a row that is refused for its
  /// quoting or length, reading goes on after the next line break. Errors: only those of the source.
  Result<bool> next(CsvRow& row);

 private:
  static constexpr int kEnd = -1;
  enum class After { separator, line_end, refused };  // what came after a field

  int peek(size_t ahead = 0);
  int take();
  void fill();
  bool take_line_end();
  void skip_line();
  std::optional<After> take_field_end();

  void read_row(CsvRow& row);
  After read_field(CsvRow& row, std::string& field);
  After read_quoted(CsvRow& row, std::string& field);
  After read_plain(CsvRow& row, std::string& field);
  bool append(CsvRow& row, std::string& field, int c);

  CsvSource source_;
  std::vector<char> buffer_;  // what has been read ahead lies in [at_, size_)
  size_t at_ = 0;
  size_t size_ = 0;
  Status source_status_;
  char separator_ = ',';
  int64_t line_ = 1;
  size_t row_bytes_ = 0;
  std::vector<std::string> header_;
};

/// Appends rows to a string, with CRLF. Fields are quoted where RFC 4180 needs it. Text that a spreadsheet would run
/// as a formula ("=1+1") is written as it is: a prefix against that would change data, and the file would no longer
/// import as what was exported; who opens it in a spreadsheet imports it as text.
class CsvWriter {
 public:
  explicit CsvWriter(std::string& out, char separator = ',') : out_(out), separator_(separator) {}
  CsvWriter& field(std::string_view text);
  CsvWriter& field(int64_t number);
  void end_row();

 private:
  std::string& out_;
  const char separator_;
  bool first_ = true;
};

}  // namespace till
