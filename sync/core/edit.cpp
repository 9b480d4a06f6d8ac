#include "sync/core/edit.h"

#include <algorithm>

#include "crypto/hash.h"

namespace till::core {
namespace {

constexpr size_t kLeastField = 3;  // bytes of the shortest field on the wire

void write_tags(ByteWriter& out, const std::vector<Tag>& tags) {
  out.size(tags.size());
  for (const Tag& tag : tags) out.raw(tag);
}

std::vector<Tag> read_tags(ByteReader& in) {
  std::vector<Tag> tags(in.count(kMaxTags, sizeof(Tag)));
  for (Tag& tag : tags) tag = in.fixed<8>();
  return tags;
}

Entity read_entity(ByteReader& in) {
  const Entity entity = in.enumerator(Entity::category);
  if (entity != Entity::product && entity != Entity::category) in.fail();
  return entity;
}

Error malformed(const char* what) {
  return {.code = Code::invalid, .message = std::string(what) + " is malformed", .reason = "malformed"};
}

// Adds or takes away 128-bit numbers, least significant byte first.
void combine(std::array<uint8_t, 16>& sum, ByteView image, bool add) {
  const crypto::Digest hash = crypto::sha256(image);
  int carry = add ? 0 : 1;
  for (size_t i = 0; i < sum.size(); ++i) {
    const int term = add ? hash[i] : 0xFF - hash[i];  // two's complement
    const int digit = sum[i] + term + carry;
    sum[i] = static_cast<uint8_t>(digit & 0xFF);
    carry = digit >> 8;
  }
}

template <class Fields>
auto find_field(Fields& fields, std::string_view name) -> decltype(fields.data()) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

Tag tag_of(const Uuid& uid) {
  Tag tag;
  std::copy_n(uid.bytes.begin() + 8, tag.size(), tag.begin());
  return tag;
}

Bytes write_edit(const RowEdit& edit) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.byte(static_cast<uint8_t>(edit.entity));
  out.byte(static_cast<uint8_t>(edit.action));
  out.id(edit.id);
  out.id(edit.user);
  out.integer(edit.at.ms);
  out.id(edit.conflict);
  out.size(edit.fields.size());
  for (const FieldEdit& field : edit.fields) {
    out.text(field.name);
    write_tags(out, field.base);
    out.text(field.before);
    out.text(field.after);
  }
  return bytes;
}

Result<RowEdit> read_edit(ByteView body) {
  ByteReader in(body);
  RowEdit edit;
  edit.entity = read_entity(in);
  edit.action = in.enumerator(Action::resolve);
  edit.id = in.id();
  edit.user = in.id();
  edit.at.ms = in.integer();
  edit.conflict = in.id();
  edit.fields.resize(in.count(kMaxEditFields, kLeastField));
  for (FieldEdit& field : edit.fields) {
    field.name = in.text(kMaxFieldName);
    field.base = read_tags(in);
    field.before = in.text(kMaxFieldValue);
    field.after = in.text(kMaxFieldValue);
  }
  if (!in.complete() || edit.id.is_nil()) return malformed("An edit");
  return edit;
}

const RowField* RowImage::find(std::string_view name) const { return find_field(fields, name); }
RowField* RowImage::find(std::string_view name) { return find_field(fields, name); }

Bytes write_image(const RowImage& image) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.byte(static_cast<uint8_t>(image.entity));
  out.id(image.id);
  out.integer(image.rev);
  out.byte(image.removed ? 1 : 0);
  out.size(image.fields.size());
  for (const RowField& field : image.fields) {
    out.text(field.name);
    write_tags(out, field.tags);
    out.text(field.value);
  }
  return bytes;
}

Result<RowImage> read_image(ByteView bytes) {
  ByteReader in(bytes);
  RowImage image;
  image.entity = read_entity(in);
  image.id = in.id();
  image.rev = in.integer();
  image.removed = in.truth();
  image.fields.resize(in.count(kMaxEditFields, kLeastField));
  for (RowField& field : image.fields) {
    field.name = in.text(kMaxFieldName);
    field.tags = read_tags(in);
    field.value = in.text(kMaxFieldValue);
  }
  if (!in.complete() || image.id.is_nil()) return malformed("A row");
  return image;
}

void SetHash::add(ByteView image) { combine(sum, image, true); }
void SetHash::remove(ByteView image) { combine(sum, image, false); }

}  // namespace till::core
