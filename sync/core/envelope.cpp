#include "sync/core/envelope.h"

#include "crypto/hash.h"

namespace till::core {

void write_envelope(ByteWriter& out, const Envelope& e) {
  out.id(e.uid);
  out.byte(static_cast<uint8_t>(e.kind));
  out.byte(e.schema);
  out.integer(e.hlc);
  out.integer(e.business_date);
  out.raw(e.trace);
  out.blob(e.body);
}

Envelope read_envelope(ByteReader& in) {
  Envelope e;
  e.uid = in.id();
  e.kind = in.enumerator(Kind::edit);
  e.schema = in.byte();
  e.hlc = in.integer();
  e.business_date = in.integer();
  e.trace = in.fixed<16>();
  const ByteView body = in.blob(kMaxBody);
  e.body.assign(body.begin(), body.end());
  return e;
}

Hash stream_start(const Epoch& epoch, Stream stream) {
  const uint8_t number = static_cast<uint8_t>(stream);
  return crypto::Sha256().add(as_bytes("till stream")).add(epoch).add({&number, 1}).finish();
}

Hash chained(const Hash& former, const Envelope& envelope) {
  Bytes bytes;
  bytes.reserve(envelope.body.size() + 64);
  ByteWriter out(bytes);
  write_envelope(out, envelope);
  return crypto::Sha256().add(former).add(bytes).finish();
}

}  // namespace till::core
