// Why the door turns a request away before the pipeline sees it: an HTTP status, a stable word for programs and a
// sentence for people, all literals. Made by the parser and the door; the dispatcher dresses it as a problem document.
#pragma once

#include <string_view>

namespace till::http {

struct Refusal {
  int status;
  std::string_view code;
  std::string_view detail;
};

}  // namespace till::http
