#include "sync/core/message.h"

#include <limits>

#include "crypto/hash.h"

namespace till::core {
namespace {

enum class Type : uint8_t { hello = 1, welcome, up, ack, pull, page };
enum class ItemType : uint8_t { row = 1, fact, own, conflict };

constexpr size_t kMaxBuild = 64;
constexpr size_t kMaxName = 64;
constexpr size_t kMaxItems = 4096;
constexpr size_t kMaxHeld = 4096;
constexpr size_t kLeastEnvelope = 37;  // bytes of an envelope with an empty body
constexpr int64_t kMaxFirst = std::numeric_limits<int64_t>::max() - static_cast<int64_t>(kMaxBatchEnvelopes);

Error malformed() {
  return {.code = Code::invalid, .message = "A message of sync is malformed", .reason = "malformed"};
}

// ---- parts

void write(ByteWriter& out, const Session& s) {
  out.raw(s.nonce);
  out.raw(s.hub_epoch);
  out.raw(s.epoch);
}
void read(ByteReader& in, Session& s) {
  s.nonce = in.fixed<8>();
  s.hub_epoch = in.fixed<8>();
  s.epoch = in.fixed<8>();
}

template <size_t N>
void write(ByteWriter& out, const std::array<int64_t, N>& numbers) {
  for (const int64_t number : numbers) out.integer(number);
}
// Seqs and revs: never below zero.
int64_t read_ordinal(ByteReader& in) {
  const int64_t number = in.integer();
  if (number < 0) in.fail();
  return number;
}
template <size_t N>
void read(ByteReader& in, std::array<int64_t, N>& numbers) {
  for (int64_t& number : numbers) number = read_ordinal(in);
}

void write(ByteWriter& out, const Position& p) {
  out.integer(p.rev);
  out.raw(p.chain);
}
void read(ByteReader& in, Position& p) {
  p.rev = read_ordinal(in);
  p.chain = in.fixed<16>();
}

void write(ByteWriter& out, const Mark& m) {
  out.byte(static_cast<uint8_t>(m.stream));
  out.integer(m.applied);
  out.integer(m.at);
  out.raw(m.hash);
  out.integer(m.backed);
}
void read(ByteReader& in, Mark& m) {
  m.stream = in.enumerator(Stream::bulk);
  m.applied = read_ordinal(in);
  m.at = read_ordinal(in);
  m.hash = in.fixed<32>();
  m.backed = read_ordinal(in);
  if (m.at > m.applied) in.fail();
}

void write_marks(ByteWriter& out, const std::vector<Mark>& marks) {
  out.size(marks.size());
  for (const Mark& mark : marks) write(out, mark);
}
void read_marks(ByteReader& in, std::vector<Mark>& marks) {
  marks.resize(in.count(kStreamCount));
  for (Mark& mark : marks) read(in, mark);
}

void write(ByteWriter& out, const Clash& c) {
  out.byte(static_cast<uint8_t>(c.kind));
  out.text(c.field);
  out.text(c.base);
  out.text(c.ours);
  out.text(c.theirs);
  out.byte(static_cast<uint8_t>(c.policy));
  out.byte(static_cast<uint8_t>(c.winner));
}
void read(ByteReader& in, Clash& c) {
  c.kind = in.enumerator(ClashKind::receipt_twice);
  c.field = in.text(kMaxFieldName);
  c.base = in.text(kMaxFieldValue);
  c.ours = in.text(kMaxFieldValue);
  c.theirs = in.text(kMaxFieldValue);
  c.policy = in.enumerator(Merge::set);
  c.winner = in.enumerator(Winner::theirs);
}

// ---- items of a page

void write(ByteWriter& out, const RowImage& image) { out.blob(write_image(image)); }
void read(ByteReader& in, RowImage& image) {
  auto found = read_image(in.blob(kMaxImage));
  if (!found) return in.fail();
  image = std::move(*found);
}

void write(ByteWriter& out, const Fact& f) {
  out.text(f.node);
  out.raw(f.epoch);
  write_envelope(out, f.envelope);
}
void read(ByteReader& in, Fact& f) {
  f.node = in.text(kMaxName);
  f.epoch = in.fixed<8>();
  f.envelope = read_envelope(in);
}

void write(ByteWriter& out, const Own& o) {
  out.byte(static_cast<uint8_t>(o.stream));
  out.integer(o.seq);
  out.raw(o.hash);
}
void read(ByteReader& in, Own& o) {
  o.stream = in.enumerator(Stream::bulk);
  o.seq = read_ordinal(in);
  o.hash = in.fixed<32>();
}

void write(ByteWriter& out, const Conflict& c) {
  out.id(c.id);
  out.byte(static_cast<uint8_t>(c.status));
  write(out, c.clash);
  out.byte(static_cast<uint8_t>(c.entity));
  out.id(c.row);
  out.id(c.uid);
  out.text(c.node);
  out.id(c.user);
  out.integer(c.at.ms);
}
void read(ByteReader& in, Conflict& c) {
  c.id = in.id();
  c.status = in.enumerator(ConflictStatus::settled);
  read(in, c.clash);
  c.entity = in.enumerator(Entity::category);
  c.row = in.id();
  c.uid = in.id();
  c.node = in.text(kMaxName);
  c.user = in.id();
  c.at.ms = in.integer();
}

ItemType type_of(const Item& item) { return static_cast<ItemType>(item.index() + 1); }

template <class T>
Item read_item_as(ByteReader& in) {
  T item;
  read(in, item);
  return item;
}
Item read_item(ByteReader& in) {
  switch (static_cast<ItemType>(in.byte())) {
    case ItemType::row:
      return read_item_as<RowImage>(in);
    case ItemType::fact:
      return read_item_as<Fact>(in);
    case ItemType::own:
      return read_item_as<Own>(in);
    case ItemType::conflict:
      return read_item_as<Conflict>(in);
  }
  in.fail();
  return RowImage{};
}

// ---- messages

void write(ByteWriter& out, const Hello& m) {
  out.byte(m.schema);
  out.text(m.build);
  out.integer(m.clock.ms);
  write(out, m.heads);
  write(out, m.acked);
  write(out, m.lost);
  write(out, m.revs);
  out.byte(m.key ? 1 : 0);
  if (m.key) out.raw(*m.key);
}
void read(ByteReader& in, Hello& m) {
  m.schema = in.byte();
  m.build = in.text(kMaxBuild);
  m.clock.ms = in.integer();
  read(in, m.heads);
  read(in, m.acked);
  read(in, m.lost);
  read(in, m.revs);
  if (in.truth()) m.key = in.fixed<32>();
}

void write(ByteWriter& out, const Welcome& m) {
  out.byte(static_cast<uint8_t>(m.verdict));
  out.integer(m.wait_s);
  out.integer(m.credit);
  write_marks(out, m.marks);
}
void read(ByteReader& in, Welcome& m) {
  m.verdict = in.enumerator(Verdict::revoked);
  m.wait_s = read_ordinal(in);
  m.credit = read_ordinal(in);
  read_marks(in, m.marks);
}

void write(ByteWriter& out, const Up& m) {
  out.byte(static_cast<uint8_t>(m.stream));
  out.raw(m.former);
  out.integer(m.first);
  out.size(m.envelopes.size());
  for (const Envelope& envelope : m.envelopes) write_envelope(out, envelope);
}
void read(ByteReader& in, Up& m) {
  m.stream = in.enumerator(Stream::bulk);
  m.former = in.fixed<32>();
  m.first = read_ordinal(in);
  if (m.first < 1 || m.first > kMaxFirst) in.fail();
  const size_t count = in.count(kMaxBatchEnvelopes, kLeastEnvelope);
  Hash former = m.former;
  for (size_t i = 0; i < count && !in.failed(); ++i) {
    Envelope& envelope = m.envelopes.emplace_back(read_envelope(in));
    envelope.seq = m.first + static_cast<int64_t>(i);
    former = envelope.hash = chained(former, envelope);
  }
}

void write(ByteWriter& out, const Ack& m) {
  write(out, m.mark);
  out.byte(m.gap ? 1 : 0);
  out.byte(m.rehello ? 1 : 0);
}
void read(ByteReader& in, Ack& m) {
  read(in, m.mark);
  m.gap = in.truth();
  m.rehello = in.truth();
}

void write(ByteWriter& out, const Pull& m) {
  out.byte(static_cast<uint8_t>(m.scope));
  out.integer(m.id);
  write(out, m.from);
  write(out, m.head);
  out.integer(m.gc_rev);
  write(out, m.heads);
}
void read(ByteReader& in, Pull& m) {
  m.scope = in.enumerator(Scope::store);
  m.id = in.integer();
  read(in, m.from);
  read(in, m.head);
  m.gc_rev = read_ordinal(in);
  read(in, m.heads);
}

void write(ByteWriter& out, const Page& m) {
  out.byte(static_cast<uint8_t>(m.scope));
  out.integer(m.id);
  out.byte(m.rehello ? 1 : 0);
  out.byte(m.resync ? 1 : 0);
  write(out, m.from);
  write(out, m.to);
  write(out, m.head);
  out.integer(m.gc_rev);
  out.size(m.items.size());
  for (const Item& item : m.items) {
    out.byte(static_cast<uint8_t>(type_of(item)));
    std::visit([&](const auto& value) { write(out, value); }, item);
  }
  out.byte(m.last ? 1 : 0);
  write_marks(out, m.marks);
  out.size(m.held.size());
  for (const Uuid& uid : m.held) out.id(uid);
  out.byte(m.digest ? 1 : 0);
  if (m.digest) out.raw(m.digest->sum);
}
void read(ByteReader& in, Page& m) {
  m.scope = in.enumerator(Scope::store);
  m.id = in.integer();
  m.rehello = in.truth();
  m.resync = in.truth();
  read(in, m.from);
  read(in, m.to);
  read(in, m.head);
  m.gc_rev = read_ordinal(in);
  const size_t items = in.count(kMaxItems, 2);
  for (size_t i = 0; i < items && !in.failed(); ++i) m.items.push_back(read_item(in));
  m.last = in.truth();
  read_marks(in, m.marks);
  m.held.resize(in.count(kMaxHeld, 16));
  for (Uuid& uid : m.held) uid = in.id();
  if (in.truth()) m.digest = SetHash{in.fixed<16>()};
}

template <class T>
Result<Message> decode_as(ByteReader& in) {
  T message;
  read(in, message.session);
  read(in, message);
  if (!in.complete()) return malformed();
  return Message(std::move(message));
}

}  // namespace

Bytes encode(const Message& message) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.byte(static_cast<uint8_t>(message.index() + 1));
  std::visit(
      [&](const auto& m) {
        write(out, m.session);
        write(out, m);
      },
      message);
  return bytes;
}

Result<Message> decode(ByteView content) {
  ByteReader in(content);
  switch (static_cast<Type>(in.byte())) {
    case Type::hello:
      return decode_as<Hello>(in);
    case Type::welcome:
      return decode_as<Welcome>(in);
    case Type::up:
      return decode_as<Up>(in);
    case Type::ack:
      return decode_as<Ack>(in);
    case Type::pull:
      return decode_as<Pull>(in);
    case Type::page:
      return decode_as<Page>(in);
  }
  return malformed();
}

size_t wire_size(const Envelope& envelope) { return kLeastEnvelope + 16 + envelope.body.size(); }

}  // namespace till::core
