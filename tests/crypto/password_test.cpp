// Passwords: what is hashed verifies, nothing else does, and nobody's hash can buy minutes of work.
#include "crypto/password.h"

#include <doctest/doctest.h>

#include "support/fake_random.h"

using namespace till;
using namespace till::crypto;
using namespace std::string_view_literals;

namespace {

struct Cheap {
  test::FakeRandom random;
  PasswordHasher hasher{random, 1};
};

}  // namespace

TEST_CASE("the right password verifies, others do not") {
  Cheap cheap;
  for (std::string_view password : {"x"sv, "correct horse battery staple"sv, "p\xc3\xa4ssw\xc3\xb6rd"sv, " $y$ "sv}) {
    auto hash = cheap.hasher.hash(password);
    REQUIRE(hash.ok());
    CHECK(hash->starts_with("$y$"));
    CHECK(cheap.hasher.verify(password, *hash));
    CHECK_FALSE(cheap.hasher.verify(std::string(password) + ' ', *hash));
    CHECK_FALSE(cheap.hasher.verify(password.substr(1), *hash));
    CHECK_FALSE(cheap.hasher.verify("X", *hash));
  }
}

TEST_CASE("the same password never has the same hash") {
  Cheap cheap;
  CHECK(*cheap.hasher.hash("same") != *cheap.hasher.hash("same"));
}

TEST_CASE("every byte of 256 counts; longer, empty and NUL are refused, never cut") {
  Cheap cheap;
  std::string longest(kMaxPasswordBytes, 'p');
  auto hash = cheap.hasher.hash(longest);
  REQUIRE(hash.ok());
  CHECK(cheap.hasher.verify(longest, *hash));
  std::string other = longest;
  other.back() = 'q';
  CHECK_FALSE(cheap.hasher.verify(other, *hash));
  CHECK_FALSE(cheap.hasher.verify(longest + 'p', *hash));
  for (const std::string& bad : {std::string(), longest + 'p', std::string("a\0b", 3), std::string(1 << 20, 'x')}) {
    auto refused = cheap.hasher.hash(bad);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Code::invalid);
    CHECK(refused.error().fields.at(0).pointer == "/password");
  }
  auto short_hash = cheap.hasher.hash("a");
  CHECK_FALSE(cheap.hasher.verify(std::string_view("a\0b", 3), *short_hash));
}

TEST_CASE("bcrypt of other shops verifies") {
  Cheap cheap;
  // vectors of the crypt_blowfish distribution
  CHECK(cheap.hasher.verify("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  CHECK(cheap.hasher.verify("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  CHECK(cheap.hasher.verify("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  CHECK_FALSE(cheap.hasher.verify("U*V", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST_CASE("hashes that are none, too weak or too dear never verify") {
  Cheap cheap;
  std::string good = *cheap.hasher.hash("secret");
  for (const std::string& bad : {
           std::string(),
           std::string("secret"),
           std::string("*0"),
           std::string("*1"),
           std::string("!"),
           std::string("x"),
           std::string("$y$"),
           std::string("$y$j9T$"),
           std::string("$y$$$"),
           good + 'x',
           good.substr(0, good.size() - 1),
           ' ' + good,
           good + '\n',
           std::string("$1$salt$qJH7.N4xYta3aEG/dfqo/0"),
           std::string("abJnggxhB/yWI"),
           std::string("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8"),
           std::string("$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
           std::string("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
       }) {
    CAPTURE(bad);
    CHECK_FALSE(cheap.hasher.verify("secret", bad));
    CHECK_FALSE(cheap.hasher.verify("U*U", bad));
  }
}

TEST_CASE("what may be imported") {
  CHECK(is_importable_hash("$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  for (std::string_view bad : {
           ""sv,
           "$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"sv,
           "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"sv,
           "$2b$5$CCCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"sv,
           "$2b$-5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"sv,
           "$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe"sv,
           "$2b$12$CCCCCCCCCCCCCCCCCCCC:.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"sv,
           "$2z$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"sv,
           "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"sv,
       }) {
    CAPTURE(bad);
    CHECK_FALSE(is_importable_hash(bad));
  }
}

TEST_CASE("the hash for nobody costs what a real one costs and matches nothing") {
  Cheap cheap;
  std::string real = *cheap.hasher.hash("secret");
  const std::string& dummy = cheap.hasher.dummy_hash();
  CHECK(dummy.size() == real.size());
  CHECK(dummy.substr(0, 7) == real.substr(0, 7));  // method and parameters
  CHECK_FALSE(cheap.hasher.verify("secret", dummy));
}

TEST_CASE("a hash of another cost or method is made anew") {
  Cheap cheap;
  PasswordHasher dearer(cheap.random, 2);
  std::string hash = *cheap.hasher.hash("secret");
  CHECK_FALSE(cheap.hasher.needs_rehash(hash));
  CHECK(dearer.needs_rehash(hash));
  CHECK(dearer.verify("secret", hash));
  CHECK(cheap.hasher.needs_rehash("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}
