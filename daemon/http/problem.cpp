// Problem documents (http/problem.h).
#include "http/problem.h"

#include "base/json.h"
#include "http/conditional.h"

namespace till::http {
namespace {

constexpr std::string_view kProblemType = "application/problem+json";
constexpr int kRetryAfterS = 1;  // where the error does not say

void write_status(JsonWriter& json, int status, std::string_view status_member) {
  json.member("status", status);
  if (!status_member.empty()) json.member(status_member, status);
}

void write_fields(JsonWriter& json, const std::vector<FieldError>& fields) {
  if (fields.empty()) return;
  json.key("errors").begin_array();
  for (const FieldError& field : fields) {
    json.begin_object().member("pointer", field.pointer).member("code", field.code).member("detail", field.detail);
    json.end_object();
  }
  json.end_array();
}

void add_headers(Response& response, const Error& error) {
  if (error.code == Code::unauthorized) response.add("WWW-Authenticate", "Bearer");
  if (error.code == Code::stale && error.current_version > 0) response.version = error.current_version;
  if (error.code == Code::too_many || error.code == Code::busy || error.retry_after_s > 0) {
    response.add("Retry-After", std::to_string(error.retry_after_s > 0 ? error.retry_after_s : kRetryAfterS));
  }
}

}  // namespace

ProblemKind kind_of(Code code) {
  // clang-format off
  switch (code) {
    case Code::invalid:      return {400, "The request is not valid", false, "Correct what `errors` names; sending it again as it is cannot work."};
    case Code::unauthorized: return {401, "Who is asking is not known", false, "Log in, or refresh the access token, and send it as a bearer token."};
    case Code::forbidden:    return {403, "The caller may not do this", false, "Somebody with the role that the route names can."};
    case Code::not_found:    return {404, "There is no such thing", false, "Look at the path and the ids in it."};
    case Code::conflict:     return {409, "The state of the thing does not allow it", false, "Read the thing again and decide anew."};
    case Code::declined:     return {402, "The payment was declined", false, "Pay in another way."};
    case Code::stale:        return {412, "Somebody changed it in the meantime", false, "`current` is the row as it is now; repeat the change on its version."};
    case Code::required:     return {428, "The version to change is missing", false, "Send If-Match with the ETag of the row, or its version in the body."};
    case Code::mismatch:     return {422, "The idempotency key belongs to another request", false, "Use a new key for a new request."};
    case Code::too_many:     return {429, "Too many requests", true, "Wait as long as Retry-After says."};
    case Code::too_large:    return {413, "The request is too large", false, "Send less at a time."};
    case Code::busy:         return {503, "The till is busy", true, "Try again after Retry-After."};
    case Code::device:       return {502, "A device of the till failed", false, "Look at the device: paper, power, cable."};
    case Code::offline:      return {503, "The other end of a line is away", true, "Try again when the connection is back."};
    case Code::full:         return {507, "The disk is full", false, "Free space; reading goes on, and writing comes back by itself."};
    case Code::internal:     return {500, "Something failed here", false, "The log has the cause under the request id."};
  }
  // clang-format on
  return kind_of(Code::internal);
}

Response problem(const Error& error, std::string_view request_id, std::string_view status_member) {
  const ProblemKind kind = kind_of(error.code);
  const bool hidden = error.code == Code::internal;
  const std::string_view word = error.reason.empty() || hidden ? to_string(error.code) : error.reason;
  Response response;
  response.status = kind.status;
  response.content_type = kProblemType;
  JsonWriter json(response.body);
  json.begin_object().member("type", "/docs#problem-" + std::string(to_string(error.code))).member("title", kind.title);
  write_status(json, kind.status, status_member);
  json.member("detail", hidden ? kind.help : std::string_view(error.message))
      .member("code", word)
      .member("request_id", request_id)
      .member("retryable", kind.retryable);
  write_fields(json, error.fields);
  if (!error.current.empty()) json.key("current").raw(error.current);
  json.end_object();
  add_headers(response, error);
  return response;
}

Response refusal(int status, std::string_view code, std::string_view detail, std::string_view request_id,
                 std::string_view status_member) {
  Response response;
  response.status = status;
  response.content_type = kProblemType;
  const bool retryable = status == 408 || status == 429 || status == 503;
  JsonWriter json(response.body);
  json.begin_object().member("type", "about:blank").member("title", status_text(status));
  write_status(json, status, status_member);
  json.member("detail", detail)
      .member("code", code)
      .member("request_id", request_id)
      .member("retryable", retryable)
      .end_object();
  if (status == 503) response.add("Retry-After", std::to_string(kRetryAfterS));
  return response;
}

std::string_view status_text(int status) {
  // clang-format off
  switch (status) {
    case 200: return "OK";                     case 201: return "Created";
    case 202: return "Accepted";               case 204: return "No Content";
    case 206: return "Partial Content";        case 303: return "See Other";
    case 304: return "Not Modified";           case 400: return "Bad Request";
    case 401: return "Unauthorized";           case 403: return "Forbidden";
    case 404: return "Not Found";              case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";        case 409: return "Conflict";
    case 411: return "Length Required";        case 412: return "Precondition Failed";
    case 413: return "Content Too Large";      case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type"; case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";       case 428: return "Precondition Required";
    case 429: return "Too Many Requests";      case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";  case 501: return "Not Implemented";
    case 502: return "Bad Gateway";            case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported"; case 507: return "Insufficient Storage";
    default:  return status < 400 ? "OK" : "Error";
  }
  // clang-format on
}

}  // namespace till::http
