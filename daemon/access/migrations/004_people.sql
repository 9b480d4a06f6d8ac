-- Customers who register and log in again after a forgotten password, their addresses, and tills at which staff log in
-- by PIN (daemon/access).

ALTER TABLE users ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN pin_hash TEXT NOT NULL DEFAULT '';  -- crypt(3); '': none
CREATE INDEX users_pin ON users (name) WHERE pin_hash <> '';     -- a till asks who may log in at it

ALTER TABLE sessions ADD COLUMN till INTEGER NOT NULL DEFAULT 0; -- the till it began at; 0: none

CREATE TABLE password_resets (            -- the newest token that a user asked for
  user       INTEGER PRIMARY KEY,
  token_hash BLOB    NOT NULL,            -- SHA-256
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX password_resets_token ON password_resets (token_hash);

CREATE TABLE addresses (                  -- personal data: gone when its customer is
  row         INTEGER PRIMARY KEY,
  id          BLOB    NOT NULL,
  version     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  full_name   TEXT    NOT NULL,
  phone       TEXT    NOT NULL,
  street      TEXT    NOT NULL,
  city        TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  postal_code TEXT    NOT NULL,
  country     TEXT    NOT NULL,
  is_default  INTEGER NOT NULL,           -- of a customer's addresses exactly one
  customer    INTEGER NOT NULL            -- row of users
) STRICT;
CREATE INDEX addresses_id       ON addresses (id);
CREATE INDEX addresses_customer ON addresses (customer);

CREATE TABLE tills (
  row        INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  name       TEXT    NOT NULL,
  state      INTEGER NOT NULL,            -- domain/till.h
  paired_at  INTEGER,
  code_hash  TEXT    NOT NULL,            -- SHA-256 in hexadecimal of the pairing code; '': none
  code_until INTEGER NOT NULL,
  token_hash TEXT    NOT NULL             -- likewise, of the device's token
) STRICT;
CREATE INDEX tills_id    ON tills (id);
CREATE INDEX tills_token ON tills (token_hash);
