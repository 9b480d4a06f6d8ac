// The wire: what goes round comes back equal; what was cut, changed, or lies about its sizes is refused as a value.
#include "sync/core/message.h"

#include <doctest/doctest.h>

#include "core/samples.h"
#include "sync/core/seal.h"
#include "sync/core/topics.h"

namespace till::core {
namespace {

using test::sample_messages;

Bytes reencoded(const Bytes& content) {
  auto decoded = decode(content);
  REQUIRE(decoded.ok());
  return encode(*decoded);
}

TEST_CASE("every message goes round") {
  for (const Message& message : sample_messages()) {
    const Bytes content = encode(message);
    CHECK(reencoded(content) == content);
  }
}

TEST_CASE("a batch's seqs and hashes are computed where it is read, never believed") {
  const Message message = sample_messages()[2];
  auto decoded = decode(encode(message));
  REQUIRE(decoded.ok());
  const Up& up = std::get<Up>(*decoded);
  REQUIRE(up.envelopes.size() == 2);
  CHECK(up.envelopes[0].seq == up.first);
  CHECK(up.envelopes[1].seq == up.first + 1);
  CHECK(up.envelopes[0].hash == chained(up.former, up.envelopes[0]));
  CHECK(up.envelopes[1].hash == chained(up.envelopes[0].hash, up.envelopes[1]));
}

TEST_CASE("a message cut anywhere is refused") {
  for (const Message& message : sample_messages()) {
    const Bytes content = encode(message);
    for (size_t size = 0; size < content.size(); ++size) CHECK_FALSE(decode(ByteView(content).first(size)).ok());
    Bytes longer = content;
    longer.push_back(0);
    CHECK_FALSE(decode(longer).ok());
  }
}

TEST_CASE("any changed byte gives a value: another message or an error") {
  for (const Message& message : sample_messages()) {
    const Bytes content = encode(message);
    for (size_t i = 0; i < content.size(); ++i) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        Bytes changed = content;
        changed[i] = static_cast<uint8_t>(changed[i] ^ flip);
        auto decoded = decode(changed);
        if (decoded) CHECK(encode(*decoded) == changed);  // one value has one spelling
      }
    }
  }
}

TEST_CASE("names and builds are text, for they are stored and shown") {
  Hello hello;
  hello.build = "0.1\xff";
  CHECK_FALSE(decode(encode(hello)).ok());
  Page page;
  page.items = {Fact{"A\xc0", {}, test::sample_envelope(1)}};
  CHECK_FALSE(decode(encode(page)).ok());
  Conflict conflict;
  conflict.node = std::string("A\0", 2);
  page.items = {conflict};
  CHECK_FALSE(decode(encode(page)).ok());
}

TEST_CASE("a count that cannot be true reserves no memory") {
  Bytes content = encode(Message(Up{}));
  content.pop_back();  // the count of envelopes, 0
  ByteWriter out(content);
  out.size(uint64_t{1} << 60);
  CHECK_FALSE(decode(content).ok());
}

TEST_CASE("a batch that begins where no number follows is refused") {
  Up up;
  up.first = INT64_MAX;
  up.envelopes.resize(2);
  CHECK_FALSE(decode(encode(Message(up))).ok());
}

// ---- sealed

const Key kKey{7, 7, 7};
constexpr std::string_view kTopic = "till/1/shop/main/A1/up/sale";

std::string reason_of(const Result<Message>& result) { return result ? "" : result.error().reason; }

TEST_CASE("a sealed message opens with its key on its topic only") {
  for (const Message& message : sample_messages()) {
    const Bytes payload = seal(message, kKey, kTopic);
    auto opened = open(payload, kKey, kTopic);
    REQUIRE(opened.ok());
    CHECK(encode(*opened) == encode(message));
    CHECK(reason_of(open(payload, Key{1}, kTopic)) == "hmac");
    CHECK(reason_of(open(payload, kKey, "till/1/shop/main/A2/up/sale")) == "hmac");
  }
}

TEST_CASE("any changed byte of a sealed message is noticed") {
  const Bytes payload = seal(sample_messages()[2], kKey, kTopic);
  for (size_t i = 0; i < payload.size(); ++i) {
    Bytes changed = payload;
    changed[i] ^= 0x10;
    CHECK_FALSE(open(changed, kKey, kTopic).ok());
  }
  for (size_t size = 0; size < payload.size(); ++size)
    CHECK_FALSE(open(ByteView(payload).first(size), kKey, kTopic).ok());
}

TEST_CASE("a long message is deflated, a bomb ends at its bound") {
  Up up;
  up.envelopes.push_back(test::sample_envelope(1));
  up.envelopes[0].body.assign(100'000, 0);
  CHECK(seal(up, kKey, kTopic).size() < 2'000);

  up.envelopes.clear();
  for (int i = 0; i < 3; ++i) {
    up.envelopes.push_back(test::sample_envelope(1));
    up.envelopes.back().body.assign(kMaxBody, 0);
  }
  const Bytes bomb = seal(up, kKey, kTopic);  // 9 MB in some KB, under a good key
  CHECK(bomb.size() < 64 * 1024);
  CHECK(reason_of(open(bomb, kKey, kTopic)) == "inflate");
}

TEST_CASE("frames of other formats and sizes are named in the log") {
  CHECK(reason_of(open({}, kKey, kTopic)) == "truncated");
  CHECK(reason_of(open(Bytes(kMaxPayload + 1), kKey, kTopic)) == "oversized");
  Bytes payload = seal(sample_messages()[0], kKey, kTopic);
  payload[0] = 2;
  CHECK(reason_of(open(payload, kKey, kTopic)) == "format");
}

TEST_CASE("an unknown node introduces itself by a hello under the key it brings, and by nothing else") {
  const std::string topic = hello_topic({"shop", "main", "A1"});
  Hello hello;
  CHECK_FALSE(open_introduction(seal(hello, kKey, topic), topic).ok());  // brings none
  hello.key = kKey;
  CHECK(open_introduction(seal(hello, kKey, topic), topic).ok());
  CHECK_FALSE(open_introduction(seal(hello, Key{9}, topic), topic).ok());  // signed with another
  CHECK_FALSE(open_introduction(seal(Ack{}, kKey, topic), topic).ok());
}

// ---- topics

TEST_CASE("topics name their node, and nothing else does") {
  const NodeName name{"shop", "main", "A1"};
  CHECK(up_topic(name, Stream::sale) == kTopic);
  for (const std::string& topic :
       {hello_topic(name), up_topic(name, Stream::bulk), pull_topic(name), state_topic(name)})
    CHECK(author_of(topic) == name);
  for (const std::string& topic :
       {welcome_topic(name), page_topic(name), ack_topic(name, Stream::sale), head_topic(name, Scope::store),
        head_topic({"shop", "pull", "A1"}, Scope::store), std::string("till/1/shop/main/A1"), std::string("hello"),
        std::string("till/1/shop/ma in/A1/hello"), std::string("till/1/shop//A1/hello"),
        std::string("till/1/shop/main/A1/hello/x"), std::string("till/1/shop/main/A1/up/gold")})
    CHECK_FALSE(author_of(topic).has_value());
  CHECK(scope_of_head(name, head_topic(name, Scope::tenant)) == Scope::tenant);
  CHECK(scope_of_head(name, head_topic(name, Scope::store)) == Scope::store);
  CHECK_FALSE(scope_of_head(name, head_topic({"shop", "other", "A1"}, Scope::store)).has_value());
}

TEST_CASE("names are letters, digits and dashes") {
  CHECK(is_name("A-1"));
  CHECK_FALSE(is_name(""));
  CHECK_FALSE(is_name("+"));
  CHECK_FALSE(is_name("a/b"));
  CHECK_FALSE(is_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace till::core
