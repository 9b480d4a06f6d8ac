// Shared rows by their field lists (D7): a struct from an image, and an image's fields from a
// struct. Pure.
#pragma once

#include "domain/product.h"
#include "sync/core/edit.h"
#include "sync/core/row_fields.h"

namespace till::hub {

using core::json_text;
using core::travels;

/// The row that an image shows. A value that its field cannot hold is left at its default.
template <Described Row>
Row row_of(const core::RowImage& image) {
  Row row;
  Faults faults;
  for_each_field<Row>([&](const auto& f, size_t) {
    const core::RowField* field = travels(f) ? image.find(f.name) : nullptr;
    if (!field) return;
    if (const auto json = parse_json(field->value))
      Codec<typename std::decay_t<decltype(f)>::Type>::read(*json, row.*f.member, Bounds{}, "", faults);
  });
  row.id = image.id;
  row.version = image.rev;
  return row;
}

/// What makes `after` of the image (null: of nothing), by somebody who saw it.
template <Described Row>
std::vector<core::FieldEdit> edits_to(const core::RowImage* image, const Row& after) {
  std::vector<core::FieldEdit> edits;
  for_each_field<Row>([&](const auto& f, size_t) {
    if (!travels(f)) return;
    const core::RowField* now = image ? image->find(f.name) : nullptr;
    std::string value = json_text(after.*f.member);
    if (now && now->value == value) return;
    edits.push_back({std::string(f.name), now ? now->tags : std::vector<core::Tag>{}, now ? now->value : std::string(),
                     std::move(value)});
  });
  return edits;
}

}  // namespace till::hub
