-- The hub: what nodes told it, what it made of that, and in which order everybody gets to know it. Lean on purpose:
--   * integer keys inside, 16-byte UUIDs at the border;
--   * an envelope's place (stream, seq) and its uid stand in one narrow table, whatever became of it, so that whatever
--     comes again is recognised by one look (A1, A2);
--   * whole bodies are kept for facts and for what could not be applied; an edit lives on in its row's image.
-- No foreign key leads from facts to shared rows: a sale may come before its product (C8).

CREATE TABLE stores (                   -- made by the first hello of a node in it
  row        INTEGER PRIMARY KEY,       -- also the number of its scope
  name       TEXT    NOT NULL UNIQUE,
  first_seen INTEGER NOT NULL
) STRICT;

CREATE TABLE nodes (
  row             INTEGER PRIMARY KEY,
  store           INTEGER NOT NULL,
  name            TEXT    NOT NULL,
  key             BLOB,                 -- for HMAC; NULL: the next hello on loopback brings one
  epoch           BLOB    NOT NULL,     -- of its newest hello
  build           TEXT    NOT NULL,
  clock_offset_ms INTEGER NOT NULL,     -- its clock less ours, at its newest hello
  first_seen      INTEGER NOT NULL,
  last_seen       INTEGER NOT NULL,
  revoked         INTEGER NOT NULL DEFAULT 0,
  UNIQUE (store, name)
) STRICT;

CREATE TABLE streams (                  -- one per (node, epoch, stream): a copy of a node, or a restored one, has more epochs
  row     INTEGER PRIMARY KEY,
  node    INTEGER NOT NULL,
  epoch   BLOB    NOT NULL,
  stream  INTEGER NOT NULL,             -- core::Stream
  head    INTEGER NOT NULL,             -- the highest seq it named
  applied INTEGER NOT NULL,             -- seqs 1 to this are here (or in gaps)
  hash    BLOB,                         -- of the envelope at applied; NULL: lost there, the next may follow anything (A7)
  backed  INTEGER NOT NULL,             -- in every backup that may be restored
  receipt BLOB    NOT NULL,             -- journal hash of the last receipt that came in it
  UNIQUE (node, epoch, stream)
) STRICT;

CREATE TABLE gaps (                     -- what a node said is lost (A7)
  stream INTEGER NOT NULL,
  first  INTEGER NOT NULL,
  last   INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (stream, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE seqs (                     -- every envelope that ever came
  stream INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  uid    BLOB    NOT NULL,
  hash   BLOB    NOT NULL,
  PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX seqs_uid ON seqs (uid);

CREATE TABLE attempts (                 -- batches that are being applied: what brings the hub down is found here (C6)
  stream INTEGER NOT NULL,
  seq    INTEGER NOT NULL,              -- the first of the batch
  alone  INTEGER NOT NULL,              -- 1: one envelope, and nothing behind it
  tries  INTEGER NOT NULL,
  PRIMARY KEY (stream, seq, alone)
) STRICT, WITHOUT ROWID;

CREATE TABLE scopes (                   -- 0: the tenant's shared rows; a store's row: its facts and conflicts
  scope  INTEGER PRIMARY KEY,
  rev    INTEGER NOT NULL,
  chain  BLOB    NOT NULL,
  digest BLOB    NOT NULL,              -- of the rows' images (tenant)
  gc_rev INTEGER NOT NULL               -- what was removed up to here is forgotten (B8)
) STRICT;

CREATE TABLE changes (                  -- one rev per scope and envelope (C9), each chained to the one before (A5)
  scope INTEGER NOT NULL,
  rev   INTEGER NOT NULL,
  chain BLOB    NOT NULL,
  fact  INTEGER,
  PRIMARY KEY (scope, rev)
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
  row           INTEGER PRIMARY KEY,    -- in the order they came
  uid           BLOB    NOT NULL,
  store         INTEGER NOT NULL,
  stream        INTEGER NOT NULL,       -- it came in first; 0: the hub made it (a counter-booking)
  seq           INTEGER NOT NULL,
  kind          INTEGER NOT NULL,       -- core::Kind
  schema        INTEGER NOT NULL,
  hlc           INTEGER NOT NULL,
  business_date INTEGER NOT NULL,
  trace         BLOB    NOT NULL,
  body          BLOB    NOT NULL,       -- as it came
  receipt       TEXT,                   -- orders
  link          INTEGER,                -- orders: what its journal hash says (hub/receipts.h)
  of_order      BLOB                    -- returns and voids
) STRICT;
CREATE INDEX facts_uid     ON facts (uid);
CREATE INDEX facts_receipt ON facts (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX facts_day     ON facts (business_date) WHERE receipt IS NOT NULL;
CREATE INDEX facts_of      ON facts (of_order) WHERE of_order IS NOT NULL;

CREATE TABLE shared_rows (
  row        INTEGER PRIMARY KEY,
  entity     INTEGER NOT NULL,          -- core::Entity
  id         BLOB    NOT NULL,
  rev        INTEGER NOT NULL,          -- of the tenant's scope; the API's version
  removed    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  image      BLOB    NOT NULL           -- core::write_image
) STRICT;
CREATE UNIQUE INDEX shared_rows_id   ON shared_rows (entity, id);
CREATE UNIQUE INDEX shared_rows_rev  ON shared_rows (rev);
CREATE INDEX        shared_rows_live ON shared_rows (entity) WHERE removed = 0;

CREATE TABLE row_keys (                 -- unique fields of rows that are not removed
  entity INTEGER NOT NULL,
  field  TEXT    NOT NULL,
  value  TEXT    NOT NULL,              -- JSON text; of a set: one element
  row    INTEGER NOT NULL,
  PRIMARY KEY (entity, field, value, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock (
  row       INTEGER PRIMARY KEY,
  product   BLOB    NOT NULL,
  store     INTEGER NOT NULL,
  on_hand   INTEGER NOT NULL,           -- N of the newest count + movements with a later hlc, thousandths
  count_hlc INTEGER NOT NULL DEFAULT -1,
  count_uid BLOB,
  conflict  INTEGER,                    -- open: more was sold than was there
  UNIQUE (product, store)
) STRICT;

CREATE TABLE movements (
  stock INTEGER NOT NULL,
  hlc   INTEGER NOT NULL,
  fact  INTEGER NOT NULL,
  n     INTEGER NOT NULL,               -- line of an order, 0: a stock movement
  moved INTEGER NOT NULL,
  PRIMARY KEY (stock, hlc, fact, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE conflicts (
  row    INTEGER PRIMARY KEY,
  id     BLOB    NOT NULL,
  scope  INTEGER NOT NULL,              -- the store it is told to
  rev    INTEGER NOT NULL,              -- of its newest change there
  status INTEGER NOT NULL,              -- core::ConflictStatus
  kind   INTEGER NOT NULL,              -- core::ClashKind
  entity INTEGER NOT NULL,
  row_id BLOB    NOT NULL,
  field  TEXT    NOT NULL,
  base   TEXT    NOT NULL,
  ours   TEXT    NOT NULL,
  theirs TEXT    NOT NULL,
  policy INTEGER NOT NULL,
  winner INTEGER NOT NULL,
  uid    BLOB    NOT NULL,              -- of the envelope that clashed
  node   TEXT    NOT NULL,
  user   BLOB,
  at     INTEGER NOT NULL
) STRICT;
CREATE INDEX conflicts_id   ON conflicts (id);
CREATE INDEX conflicts_rev  ON conflicts (scope, rev);
CREATE INDEX conflicts_open ON conflicts (row) WHERE status = 0;

CREATE TABLE quarantine (               -- envelopes that were refused, whole, named by uid (A9)
  row           INTEGER PRIMARY KEY,
  uid           BLOB    NOT NULL,
  status        INTEGER NOT NULL,       -- hub/quarantine.h
  stream        INTEGER NOT NULL,
  seq           INTEGER NOT NULL,
  kind          INTEGER NOT NULL,
  schema        INTEGER NOT NULL,
  hlc           INTEGER NOT NULL,
  business_date INTEGER NOT NULL,
  trace         BLOB    NOT NULL,
  body          BLOB    NOT NULL,
  reason        TEXT    NOT NULL,
  waits_for     BLOB,                   -- the row that an edit needs (B6)
  at            INTEGER NOT NULL,
  note          TEXT    NOT NULL        -- why an operator ignored it
) STRICT;
CREATE INDEX quarantine_uid   ON quarantine (uid);
CREATE INDEX quarantine_open  ON quarantine (stream) WHERE status = 0;
CREATE INDEX quarantine_waits ON quarantine (waits_for) WHERE status = 0 AND waits_for IS NOT NULL;

CREATE TABLE backups (                  -- that an operator may restore
  row INTEGER PRIMARY KEY,
  at  INTEGER NOT NULL
) STRICT;

CREATE TABLE backup_marks (             -- how far each stream was in it
  backup  INTEGER NOT NULL,
  stream  INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  PRIMARY KEY (backup, stream)
) STRICT, WITHOUT ROWID;
