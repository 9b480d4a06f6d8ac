// Example bodies from schemas.
#include "http/sample_body.h"

#include <doctest/doctest.h>

#include "base/fields.h"

namespace till::http {
namespace {

std::string sample_of(void (*write)(JsonWriter&)) { return sample_body({.name = "Thing", .write = write}); }

TEST_CASE("what is required is there, with values that fit their types and bounds") {
  CHECK(sample_of([](JsonWriter& out) {
          out.raw(
              R"({"type":"object","required":["name","price","quantity","unit","on","code","short","long","lines"],)"
              R"("properties":{"name":{"type":"string"},"brand":{"type":"string"},"price":{"type":"integer"},)"
              R"("quantity":{"allOf":[{"type":"integer","minimum":1}]},"unit":{"enum":["piece","weighed"]},)"
              R"("on":{"type":"boolean"},"code":{"type":"integer","minimum":5,"maximum":9},)"
              R"("short":{"type":"string","maxLength":3},"long":{"type":"string","minLength":15},)"
              R"("lines":{"type":"array","items":{"type":"object","required":["product_id"],"properties":)"
              R"({"product_id":{"anyOf":[{"type":"string","format":"uuid"},{"type":"null"}]}}}}}})");
        }) == R"({"name":"Example name","price":1999,"quantity":1000,"unit":"piece","on":true,"code":9,"short":"Exa",)"
              R"("long":"Example longxxx","lines":[{"product_id":"{{product_id}}"}]})");
}

TEST_CASE("formats, addresses nobody has, lists of texts") {
  CHECK(sample_of([](JsonWriter& out) {
          out.raw(R"({"type":"object","required":["email","day","at","tags"],"properties":{"email":{"type":"string"},)"
                  R"("day":{"type":"string","format":"date"},"at":{"type":"string","format":"date-time"},)"
                  R"("tags":{"type":"array","items":{"type":"string"}}}})");
        }) == R"({"email":"{{$guid}}@example.com","day":"2026-01-31","at":"2026-01-31T12:00:00.000Z",)"
              R"("tags":["Example tag"]})");
}

TEST_CASE("a change, which requires nothing, changes its first member; nothing to say is an empty object") {
  CHECK(sample_of([](JsonWriter& out) {
          out.raw(R"({"type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}})");
        }) == R"({"street":"Example street"})");
  CHECK(sample_of([](JsonWriter& out) { out.raw(R"({"type":"object"})"); }) == "{}");
}

}  // namespace
}  // namespace till::http
