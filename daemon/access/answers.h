// The ends of works: answers made on the door's thread, behind the commit.
#pragma once

#include "http/handler.h"

namespace till::access {

template <Described Row>
http::Finish answer_row(Row row, int status = 200) {
  return [row = std::move(row), status] { return Result<http::Response>(http::row_response(row, status)); };
}

/// 201: a new row, to be read at `place` and its id.
template <Described Row>
http::Finish answer_created(Row row, std::string_view place) {
  return [row = std::move(row), place] {
    return Result<http::Response>(
        http::row_response(row, 201).add("Location", std::string(place) + "/" + to_string(row.id)));
  };
}

/// A refusal whose trace (a counted try, an audit row, an ended session) has to be committed.
inline http::Finish answer_refusal(Error error) {
  return [error = std::move(error)] { return Result<http::Response>(error); };
}

inline http::Finish answer_nothing() {
  return [] { return Result<http::Response>(http::Response{.status = 204}); };
}

}  // namespace till::access
