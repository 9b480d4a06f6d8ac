// SHA-256 and HMAC against the published vectors.
#include "crypto/hash.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace till;
using namespace till::crypto;

TEST_CASE("SHA-256: FIPS 180-4 examples") {
  CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(to_hex(sha256(as_bytes(std::string(1'000'000, 'a')))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("however a text is cut, its hash is the same, and a copy goes on alone") {
  CHECK(rc::check([](const Bytes& head, const Bytes& tail) {
    Bytes whole = head;
    whole.insert(whole.end(), tail.begin(), tail.end());
    Sha256 parts;
    parts.add(head);
    Sha256 copy = parts;
    RC_ASSERT(parts.add(tail).finish() == sha256(whole));
    RC_ASSERT(copy.finish() == sha256(head));
  }));
}

TEST_CASE("HMAC-SHA-256: RFC 4231") {
  auto hmac = [](const Bytes& key, std::string_view message) { return to_hex(hmac_sha256(key, as_bytes(message))); };
  CHECK(hmac(Bytes(20, 0x0b), "Hi There") == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac({'J', 'e', 'f', 'e'}, "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac(Bytes(20, 0xaa), std::string(50, '\xdd')) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  CHECK(hmac(Bytes(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("one key signs many messages") {
  HmacSha256 key(as_bytes("Jefe"));
  for (int i = 0; i < 3; ++i) {
    CHECK(key.of(as_bytes("what do ya want for nothing?")) ==
          hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")));
  }
}

TEST_CASE("comparison sees every byte and the size") {
  Bytes a(32, 7);
  CHECK(constant_time_equal(a, Bytes(32, 7)));
  CHECK(constant_time_equal({}, {}));
  CHECK_FALSE(constant_time_equal(a, Bytes(31, 7)));
  CHECK_FALSE(constant_time_equal(a, {}));
  for (size_t i = 0; i < a.size(); ++i) {
    Bytes b = a;
    b[i] ^= 0x80;
    CHECK_FALSE(constant_time_equal(a, b));
  }
}
