// The page /docs (http/docs.h): the contract, the routes by tag, the problems.
#include "http/docs.h"

#include <map>

#include "http/openapi.h"
#include "http/problem.h"

namespace till::http {
namespace {

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%;margin-bottom:2rem}th,td{text-align:left;vertical-align:top;"
    "padding:.4rem .6rem;border-bottom:1px solid #d0d0d0}code{font-size:.95em;overflow-wrap:anywhere}"
    "nav a{margin-right:1rem}small{color:#555}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#e8e8e8}a{color:#8ab4f8}small{color:#aaa}"
    "th,td{border-color:#444}}";

constexpr std::string_view kContract =
    "<h2 id=\"contract\">What holds everywhere</h2><ul>"
    "<li>Bodies are JSON in UTF-8; unknown keys and query parameters are refused.</li>"
    "<li>Money is an integer in minor units, a quantity an integer in thousandths, a time RFC 3339 in UTC.</li>"
    "<li>Send <code>Authorization: Bearer &lt;access token&gt;</code> where a role is named.</li>"
    "<li>Rows have a <code>version</code>, answers carry it as <code>ETag</code>. A change sends it back in "
    "<code>If-Match</code> (or as <code>version</code> in the body); reading honours <code>If-None-Match</code>.</li>"
    "<li><code>Idempotency-Key</code>: the same key and body give the same answer, byte for byte, with "
    "<code>Idempotent-Replayed: true</code>. Only successes are kept.</li>"
    "<li>Lists take <code>limit</code> and <code>cursor</code> and answer <code>{items, next}</code>.</li>"
    "<li><code>X-Request-Id</code> and <code>traceparent</code> are taken or made, and echoed.</li></ul>";

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// What a caller has to know beside method, path and role.
std::string notes(const Route& route) {
  std::string out;
  auto note = [&](std::string_view text) { out.append(out.empty() ? "" : "; ").append(text); };
  if (route.once == Once::optional) note("takes Idempotency-Key");
  if (route.once == Once::required || route.once == Once::by_effect) note("needs Idempotency-Key");
  if (route.versioned) note("needs If-Match");
  if (route.own_rows) note("customers: own rows only");
  if (route.limit == Limit::strict) note("strictly limited");
  if (route.body) note("body " + std::string(route.body->name));
  if (!route.upload.empty()) note("body " + std::string(route.upload));
  if (route.answer) note("answers " + std::string(route.answer->name));
  for (std::string_view name : route.headers) note("header " + std::string(name));
  for (size_t i = 0; i < route.query.size(); ++i) note((i == 0 ? "query " : "") + std::string(route.query[i]));
  return out;
}

void append_row(std::string& out, const Route& route) {
  out += "<tr><td><code>" + std::string(to_string(route.method)) + "</code></td><td><code>" + escape(route.path) +
         "</code></td><td>" + escape(route.role) + "</td><td>" + escape(route.summary);
  if (const std::string extra = notes(route); !extra.empty()) out += "<br><small>" + escape(extra) + "</small>";
  out += "</td></tr>\n";
}

void append_problems(std::string& out) {
  out +=
      "<h2 id=\"problems\">Problems</h2><p>Errors are <code>application/problem+json</code> (RFC 9457).</p>"
      "<table><tr><th>Kind</th><th>Status</th><th>Meaning</th><th>What to do</th></tr>\n";
  for (int i = 0; i < kCodes; ++i) {
    const Code code = static_cast<Code>(i);
    const ProblemKind kind = kind_of(code);
    const std::string word(to_string(code));
    out += "<tr id=\"problem-" + word + "\"><td><code>" + word + "</code></td><td>" + std::to_string(kind.status) +
           "</td><td>" + escape(kind.title) + "</td><td>" + escape(kind.help) + "</td></tr>\n";
  }
  out += "</table>\n";
}

}  // namespace

std::string docs_page(const Routes& routes, std::string_view title, std::string_view version) {
  std::map<std::string_view, std::string> rows;  // by tag
  for (const Route& route : routes) append_row(rows[tag_of(route)], route);
  const std::string name = escape(title);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>" +
      name + " API</title><style>";
  out.append(kStyle).append("</style></head><body>\n<h1>").append(name).append(" API <small>").append(escape(version));
  out += "</small></h1>\n<p>For programs: <a href=\"/api/v1/openapi.json\">OpenAPI 3.1</a>.</p>\n<nav>";
  for (const auto& [tag, text] : rows) out += "<a href=\"#" + escape(tag) + "\">" + escape(tag) + "</a>\n";
  out.append("<a href=\"#problems\">problems</a></nav>\n").append(kContract).append("\n");
  for (const auto& [tag, text] : rows) {
    out += "<h2 id=\"" + escape(tag) + "\">" + escape(tag) +
           "</h2>\n<table><tr><th>Method</th><th>Path</th><th>Role</th><th></th></tr>\n" + text + "</table>\n";
  }
  append_problems(out);
  return out += "</body></html>\n";
}

}  // namespace till::http
