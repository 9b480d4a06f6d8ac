-- Who may do what here (daemon/access). Integer row keys inside, 16-byte ids at the border. Personal data stands in users
-- and sessions only: everything else names a user by row. No UNIQUE index on users: the hub writes them too (30-sync, B7).

CREATE TABLE users (
  row                  INTEGER PRIMARY KEY,
  id                   BLOB    NOT NULL,
  version              INTEGER NOT NULL,
  created_at           INTEGER NOT NULL,
  updated_at           INTEGER NOT NULL,
  email                TEXT    NOT NULL,  -- lower case
  name                 TEXT    NOT NULL,
  role                 INTEGER NOT NULL,  -- domain/role.h
  active               INTEGER NOT NULL,
  must_change_password INTEGER NOT NULL,
  password_hash        TEXT    NOT NULL   -- crypt(3)
) STRICT;
CREATE INDEX users_id    ON users (id);
CREATE INDEX users_email ON users (email);

CREATE TABLE sessions (
  row         INTEGER PRIMARY KEY,
  id          BLOB    NOT NULL,
  user        INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  used_at     INTEGER NOT NULL,           -- log-in or newest refresh
  expires_at  INTEGER NOT NULL,
  address     TEXT    NOT NULL,
  family_hash BLOB    NOT NULL,           -- access/refresh_token.h
  token_hash  BLOB    NOT NULL
) STRICT;
CREATE INDEX sessions_id   ON sessions (id);
CREATE INDEX sessions_user ON sessions (user);

CREATE TABLE tries (                      -- wrong passwords, by account and address
  key           BLOB    PRIMARY KEY,      -- a hash of both: people type passwords into the field for the name
  failures      INTEGER NOT NULL,
  failed_at     INTEGER NOT NULL,
  blocked_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (                      -- who did what, to whom, from where; each row chained to the one before it
  row     INTEGER PRIMARY KEY,            -- 1, 2, 3 … No index but this: a log-in must be cheap, a search may take time
  at      INTEGER NOT NULL,
  action  INTEGER NOT NULL,               -- access/audit.h
  user    INTEGER NOT NULL,               -- 0: nobody known, or the operator
  subject INTEGER NOT NULL,               -- the user it was done to, 0: none
  address TEXT    NOT NULL,
  detail  TEXT    NOT NULL,
  chain   BLOB    NOT NULL
) STRICT;

CREATE TABLE once_answers (               -- idempotent answers whose effect has no room for the key (20-api)
  key       TEXT    NOT NULL,             -- first: keys that grow with time touch one page
  caller    INTEGER NOT NULL,
  route     TEXT    NOT NULL,
  body_hash INTEGER NOT NULL,
  status    INTEGER NOT NULL,
  version   INTEGER,
  headers   TEXT    NOT NULL,
  body      TEXT    NOT NULL,
  at        INTEGER NOT NULL,             -- no index: every write would pay for it, the sweep by key needs none
  PRIMARY KEY (key, caller, route)
) STRICT, WITHOUT ROWID;
