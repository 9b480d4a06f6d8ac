#include "base/csv.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace till {
namespace {

constexpr size_t kBufferBytes = size_t{64} << 10;  // the separator is looked for in the first of it
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Error refused(std::string why) { return {.code = Code::invalid, .message = std::move(why), .reason = "invalid_csv"}; }

char find_separator(std::string_view text) {
  int64_t commas = 0;
  bool quoted = false;
  for (char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n') break;
    commas += (c == ',' ? 1 : 0) - (c == ';' ? 1 : 0);
  }
  return commas < 0 ? ';' : ',';
}

}  // namespace

CsvSource csv_source(std::istream& in) {
  return [&in](std::span<char> into) -> Result<size_t> {
    in.read(into.data(), static_cast<std::streamsize>(into.size()));
    if (in.bad()) return Error{.code = Code::internal, .message = "The file cannot be read"};
    return static_cast<size_t>(in.gcount());
  };
}

Status CsvReader::open() {
  buffer_.resize(kBufferBytes);
  for (size_t before = size_;; before = size_) {
    fill();
    if (size_ == before) break;
  }
  TILL_CHECK(source_status_);
  std::string_view text(buffer_.data(), size_);
  if (text.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  separator_ = find_separator(text.substr(at_));

  while (take_line_end()) {
  }
  if (peek() == kEnd) return refused("The file has no header line");
  CsvRow row;
  read_row(row);
  if (!row.error.empty()) return refused("The header line is refused: " + row.error);
  header_ = std::move(row.fields);
  for (auto name = header_.begin(); name != header_.end(); ++name) {
    if (name->empty()) return refused("A column of the header line has no name");
    if (std::find(header_.begin(), name, *name) != name) return refused("The column " + *name + " appears twice");
  }
  return {};
}

std::optional<size_t> CsvReader::column(std::string_view name) const {
  auto found = std::find(header_.begin(), header_.end(), name);
  if (found == header_.end()) return std::nullopt;
  return static_cast<size_t>(found - header_.begin());
}

Result<bool> CsvReader::next(CsvRow& row) {
  while (take_line_end()) {
  }
  bool more = peek() != kEnd;
  if (more) read_row(row);
  TILL_CHECK(source_status_);
  if (more && row.error.empty() && row.fields.size() != header_.size()) {
    row.error = std::to_string(row.fields.size()) + " fields where the header has " + std::to_string(header_.size());
  }
  return more;
}

void CsvReader::read_row(CsvRow& row) {
  row.line = line_;
  row.error.clear();
  row_bytes_ = 0;
  size_t count = 0;  // fields of the row before this one are used again, with their memory
  After after = After::separator;
  while (after == After::separator) {
    if (count == kMaxCsvColumns) {
      row.error = "more than 100 columns";
      after = After::refused;
      break;
    }
    if (row.fields.size() == count) row.fields.emplace_back();
    after = read_field(row, row.fields[count++]);
  }
  row.fields.resize(count);
  if (after == After::refused) return skip_line();
  bool text =
      std::all_of(row.fields.begin(), row.fields.end(), [](const std::string& field) { return is_utf8(field); });
  if (!text) row.error = "not UTF-8 text";
}

CsvReader::After CsvReader::read_field(CsvRow& row, std::string& field) {
  field.clear();
  return peek() == '"' ? read_quoted(row, field) : read_plain(row, field);
}

CsvReader::After CsvReader::read_quoted(CsvRow& row, std::string& field) {
  take();
  for (;;) {
    int c = take();
    if (c == kEnd) {
      row.error = "a quoted field is not closed";
      return After::refused;
    }
    if (c == '"') {
      if (peek() != '"') break;
      take();
    }
    if (!append(row, field, c)) return After::refused;
  }
  if (auto end = take_field_end()) return *end;
  row.error = "text after a closing quote";
  return After::refused;
}

CsvReader::After CsvReader::read_plain(CsvRow& row, std::string& field) {
  for (;;) {
    if (auto end = take_field_end()) return *end;
    int c = take();
    if (c == '"') {
      row.error = "a quote inside a field that is not quoted";
      return After::refused;
    }
    if (!append(row, field, c)) return After::refused;
  }
}

bool CsvReader::append(CsvRow& row, std::string& field, int c) {
  if (field.size() == kMaxCsvFieldBytes) row.error = "a field is longer than 64 KiB";
  if (++row_bytes_ > kMaxCsvRowBytes) row.error = "the row is longer than 1 MiB";
  field += static_cast<char>(c);
  return row.error.empty();
}

std::optional<CsvReader::After> CsvReader::take_field_end() {
  if (peek() == kEnd || take_line_end()) return After::line_end;
  if (peek() != separator_) return std::nullopt;
  take();
  return After::separator;
}

bool CsvReader::take_line_end() {
  size_t length = peek() == '\r' ? 2 : 1;
  if (peek(length - 1) != '\n') return false;
  at_ += length;
  ++line_;
  return true;
}

void CsvReader::skip_line() {
  for (int c = take(); c != kEnd && c != '\n';) c = take();
}

int CsvReader::peek(size_t ahead) {
  while (size_ - at_ <= ahead) {
    size_t before = size_ - at_;
    fill();
    if (size_ - at_ == before) return kEnd;
  }
  return static_cast<unsigned char>(buffer_[at_ + ahead]);
}

int CsvReader::take() {
  int c = peek();
  if (c == kEnd) return c;
  ++at_;
  if (c == '\n') ++line_;
  return c;
}

/// Moves what is left to the front and reads behind it, once; nothing changes at the end of the source.
void CsvReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + at_, size_ - at_);
  size_ -= at_;
  at_ = 0;
  if (!source_status_.ok() || size_ == buffer_.size()) return;
  auto got = source_(std::span(buffer_).subspan(size_));
  if (got.ok()) {
    size_ += *got;
  } else {
    source_status_ = got.error();
  }
}

CsvWriter& CsvWriter::field(std::string_view text) {
  if (!first_) out_ += separator_;
  // a first field is quoted if it is empty, because a row of that one field would be an empty line, which readers skip;
  // and if it begins like a byte order mark, which the first line of a file would lose
  bool quoted = (first_ && (text.empty() || text.starts_with(kByteOrderMark))) ||
                text.find_first_of("\",;\r\n") != std::string_view::npos;
  first_ = false;
  if (!quoted) {
    out_ += text;
    return *this;
  }
  out_ += '"';
  for (char c : text) {
    if (c == '"') out_ += '"';
    out_ += c;
  }
  out_ += '"';
  return *this;
}

CsvWriter& CsvWriter::field(int64_t number) { return field(std::to_string(number)); }

void CsvWriter::end_row() {
  out_ += "\r\n";
  first_ = true;
}

}  // namespace till
