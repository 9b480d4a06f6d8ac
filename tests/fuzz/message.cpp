// Messages of sync: content (envelopes and pages), the sealed frame round it, topics. Whatever decodes encodes to the
// very bytes it came as; nothing opens but under its key and topic; text is text.
//
//   input = u8 way | content, payload or topic
#include "crypto/hash.h"
#include "fuzz/fuzz.h"
#include "sync/core/seal.h"
#include "sync/core/topics.h"

namespace till::core {
namespace {

const Key kKey{7, 7, 7};
constexpr std::string_view kTopic = "till/1/shop/main/A1/up/sale";

void check_text(const Hello& hello) { TILL_ASSERT(is_utf8(hello.build)); }
void check_text(const Page& page) {
  for (const Item& item : page.items) {
    if (const auto* fact = std::get_if<Fact>(&item)) TILL_ASSERT(is_utf8(fact->node));
    if (const auto* conflict = std::get_if<Conflict>(&item)) {
      TILL_ASSERT(is_utf8(conflict->node) && is_utf8(conflict->clash.field) && is_utf8(conflict->clash.theirs));
    }
    if (const auto* row = std::get_if<RowImage>(&item)) {
      for (const RowField& field : row->fields) TILL_ASSERT(is_utf8(field.name) && is_utf8(field.value));
    }
  }
}
void check_text(const auto&) {}

void check_numbers(const Up& up) {
  TILL_ASSERT(stream_start(up.session.epoch, Stream::sale) != stream_start(up.session.epoch, Stream::shop));
  TILL_ASSERT(up.first >= 1 && up.envelopes.size() <= kMaxBatchEnvelopes);
  Hash former = up.former;
  for (size_t i = 0; i < up.envelopes.size(); ++i) {
    TILL_ASSERT(up.envelopes[i].seq == up.first + static_cast<int64_t>(i));
    TILL_ASSERT(up.envelopes[i].hash == chained(former, up.envelopes[i]));
    former = up.envelopes[i].hash;
  }
}
void check_numbers(const auto&) {}

void check_content(ByteView content) {
  const auto message = decode(content);
  if (!message.ok()) return TILL_ASSERT(message.error().code == Code::invalid);
  const Bytes again = encode(*message);
  TILL_ASSERT(std::equal(again.begin(), again.end(), content.begin(), content.end()));
  std::visit([](const auto& m) { check_text(m), check_numbers(m); }, *message);
  const NodeName name{"shop", "main", "A1"};
  const bool from_node = message->index() == 0 || message->index() == 2 || message->index() == 4;
  TILL_ASSERT(author_of(topic_of(name, *message)).has_value() == from_node);
  const Bytes payload = seal(*message, kKey, kTopic);
  const auto opened = open(payload, kKey, kTopic);
  TILL_ASSERT(payload.size() > kMaxPayload || (opened.ok() && encode(*opened) == again));
  TILL_ASSERT(!open(payload, kKey, "till/1/shop/main/A2/up/sale").ok() && !open(payload, Key{1}, kTopic).ok());
}

/// A frame under a good key, of content that nobody packed with seal().
void check_frame(uint8_t flags, ByteView content) {
  Bytes head(as_bytes(kTopic).begin(), as_bytes(kTopic).end());
  head.insert(head.end(), {0, 1, flags});
  head.insert(head.end(), content.begin(), content.end());
  const crypto::Digest mac = crypto::hmac_sha256(kKey, head);
  Bytes payload{1, flags};
  payload.insert(payload.end(), mac.begin(), mac.begin() + 16);
  payload.insert(payload.end(), content.begin(), content.end());
  const auto opened = open(payload, kKey, kTopic);
  if (flags == 0) TILL_ASSERT(opened.ok() == (!content.empty() && decode(content).ok()));
  if (flags > 1) TILL_ASSERT(!opened.ok());
  if (!opened.ok()) return;
  TILL_ASSERT(encode(*opened).size() <= kMaxContent);
  const auto hello = open_introduction(payload, kTopic);
  if (hello.ok()) TILL_ASSERT(hello->key == kKey);
}

void check_topic(std::string_view topic) {
  const auto name = author_of(topic);
  if (!name) return;
  TILL_ASSERT(is_name(name->tenant) && is_name(name->store) && is_name(name->node));
  for (const Scope scope : kScopes) TILL_ASSERT(scope_of_head(*name, head_topic(*name, scope)) == scope);
  for (const std::string& mine : node_subscriptions(*name)) TILL_ASSERT(!author_of(mine));  // a node hears the hub
  TILL_ASSERT(!hub_subscriptions(name->tenant).empty());
  std::vector<std::string> own{hello_topic(*name), pull_topic(*name), state_topic(*name)};
  for (const Stream stream : kStreams) own.push_back(up_topic(*name, stream));
  TILL_ASSERT(std::count(own.begin(), own.end(), topic) == 1);
}

}  // namespace
}  // namespace till::core

namespace till::fuzz {

void run(Input in) {
  const size_t way = in.below(4);
  if (way == 0) return core::check_content(in.rest());
  if (way == 1) return core::check_frame(in.byte(), in.rest());
  if (way == 2) return core::check_topic(in.text());
  const ByteView payload = in.rest();
  TILL_ASSERT(!core::open(payload, core::Key{1}, core::kTopic).ok());  // nobody guesses 16 bytes
  const auto hello = core::open_introduction(payload, core::kTopic);
  if (hello.ok()) TILL_ASSERT(hello->key && core::open(payload, *hello->key, core::kTopic).ok());
}

}  // namespace till::fuzz
