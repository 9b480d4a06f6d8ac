// One of each: envelopes and messages with something in every field.
#pragma once

#include "sync/core/message.h"

namespace till::core::test {

inline Uuid uid(uint8_t n) {
  Uuid id;
  id.bytes.fill(n);
  return id;
}

inline Envelope sample_envelope(uint8_t n) {
  Envelope e{.uid = uid(n), .kind = Kind::stock, .hlc = 1'767'603'600'000 << 16, .business_date = 20260105};
  e.trace.fill(n);
  e.body = {1, 2, 3, n};
  return e;
}

inline Session sample_session() { return {.nonce = {1, 2}, .hub_epoch = {3}, .epoch = {4}}; }

inline std::vector<Message> sample_messages() {
  const Session session = sample_session();
  const Mark mark{.stream = Stream::shop, .applied = 9, .at = 8, .hash = {5}, .backed = 3};
  Hello hello{.session = session, .build = "0.1.0", .clock = {-5}, .heads = {1, 2, 3}, .acked = {0, 1, 2}};
  hello.key = Key{6};
  Up up{.session = session, .stream = Stream::sale, .former = {7}, .first = 12};
  up.envelopes = {sample_envelope(1), sample_envelope(2)};
  Page page{.session = session, .scope = Scope::store, .id = 77, .from = {3, {1}}, .to = {6, {2}}, .head = {6, {2}}};
  page.items.push_back(RowImage{.entity = Entity::product,
                                .id = uid(4),
                                .rev = 5,
                                .fields = {{"name", "\"Cup\"", {Tag{1}, Tag{2}}}, {"price", "199", {}}}});
  page.items.push_back(Fact{"A2", {8}, sample_envelope(3)});
  page.items.push_back(Own{Stream::bulk, 4, {9}});
  page.items.push_back(Conflict{.id = uid(9),
                                .status = ConflictStatus::open,
                                .clash = {.field = "price", .base = "1", .ours = "2", .theirs = "3"},
                                .entity = Entity::product,
                                .row = uid(4),
                                .uid = uid(5),
                                .node = "A2",
                                .at = {1}});
  page.last = true;
  page.marks = {mark};
  page.held = {uid(1)};
  page.digest = SetHash{{1, 2, 3}};
  return {hello,
          Welcome{.session = session, .verdict = Verdict::wait, .wait_s = 30, .marks = {mark}},
          up,
          Ack{.session = session, .mark = mark, .gap = true},
          Pull{.session = session, .scope = Scope::store, .id = 77, .from = {3, {1}}, .heads = {1, 2, 3}},
          page};
}

}  // namespace till::core::test
