// An edit of a row that others edit too (products, categories), and the hub's image of such a row (30-sync, Merging).
// Pure. Fields are named and carried as JSON text, so that core knows no shop words and a hub can carry a field that it
// does not know yet.
//
// A base is a tag, not a value (B2): each field has the 8-byte tag of the write that set it (of two equal writes,
// both). An edit names the tags it saw; an edit over one's own pending edit names that edit's tag.
#pragma once

#include <vector>

#include "base/codec.h"
#include "sync/core/envelope.h"

namespace till::core {

using Tag = std::array<uint8_t, 8>;
/// The tag of a write: the random half of its uid.
Tag tag_of(const Uuid& uid);

// Stored and sent as their numbers: append only. The same numbers as store/history.h's.
enum class Entity : uint8_t { product = 1, category = 2 };

enum class Action : uint8_t {
  create,   // fields: all of them, base empty
  change,   // fields: those that changed
  remove,   // fields: all that were shown, with their tags (B4)
  resolve,  // an operator's answer to a clash: fields as in change, `conflict` names it
};

inline constexpr size_t kMaxEditFields = 64;
inline constexpr size_t kMaxTags = 64;
inline constexpr size_t kMaxFieldName = 64;
inline constexpr size_t kMaxFieldValue = 128 * 1024;
inline constexpr size_t kMaxImage = size_t{1} << 20;

struct FieldEdit {
  std::string name;
  std::vector<Tag> base{};  // what the author saw
  std::string before{};     // JSON text, for the journal
  std::string after{};      // JSON text
};

struct RowEdit {
  Entity entity = Entity::product;
  Action action = Action::change;
  Uuid id{};        // of the row
  Uuid user{};      // who; nil: the operator
  Time at{};        // when, by the author's clock
  Uuid conflict{};  // resolve: which
  std::vector<FieldEdit> fields{};
};

Bytes write_edit(const RowEdit& edit);
/// Error: invalid. Names and values are checked to be UTF-8, not more.
Result<RowEdit> read_edit(ByteView body);

struct RowField {
  std::string name;
  std::string value;        // JSON text
  std::vector<Tag> tags{};  // of the write that set it, and of later ones that set the same
  bool operator==(const RowField&) const = default;
};

/// A row as the hub has it. Its encoding is what node and hub keep (raw: a node may not know all its fields) and what
/// the digest is made of.
struct RowImage {
  Entity entity = Entity::product;
  Uuid id{};
  int64_t rev = 0;  // of the tenant's scope, of its newest change
  bool removed = false;
  std::vector<RowField> fields{};

  [[nodiscard]] const RowField* find(std::string_view name) const;
  [[nodiscard]] RowField* find(std::string_view name);
  bool operator==(const RowImage&) const = default;
};

Bytes write_image(const RowImage& image);
Result<RowImage> read_image(ByteView bytes);

/// The proof that two sides hold the same rows: the sum, modulo 2^128, of the hashes of all images. Adding and taking
/// away commute, so each write keeps it up to date. 16 bytes, least significant first.
struct SetHash {
  std::array<uint8_t, 16> sum{};
  void add(ByteView image);
  void remove(ByteView image);
  bool operator==(const SetHash&) const = default;
};

}  // namespace till::core

template <>
struct till::EnumNames<till::core::Entity> {  // from 1 on
  static constexpr std::array<std::string_view, 3> names{"", "product", "category"};
};
