// Which fields of a described row (D7) node and hub tell each other, and a value as the JSON text that travels. Pure.
#pragma once

#include "base/fields.h"

namespace till::core {

/// What a client may set, and so what others have to hear of.
template <class F>
constexpr bool travels(const F& field) {
  return field.column && (field.edit == Edit::client || field.edit == Edit::create);
}

template <class T>
std::string json_text(const T& value) {
  std::string text;
  JsonWriter out(text);
  Codec<T>::write(out, value);
  return text;
}

}  // namespace till::core
