-- What a node keeps for sync (30-sync). Own sales and stock entries need no outbox: one gap-free counter numbers them, so
-- seq = fact - epochs.sale_base, and an envelope is built from its rows when it is sent (D19). Edits of shared rows are
-- kept as bytes until the hub has them in every backup. What comes from the hub stands apart from what is shown (B1).

ALTER TABLE epochs ADD COLUMN sale_base INTEGER NOT NULL DEFAULT 0;    -- facts up to it never need sending in this epoch

ALTER TABLE orders        ADD COLUMN hlc   INTEGER;                    -- sync/core/hlc.h; NULL: created_at << 16
ALTER TABLE orders        ADD COLUMN trace BLOB;                       -- of the request that made it; NULL: none
ALTER TABLE stock_entries ADD COLUMN hlc   INTEGER;                    -- NULL: at << 16
ALTER TABLE stock_entries ADD COLUMN trace BLOB;
ALTER TABLE stock ADD COLUMN count_hlc INTEGER NOT NULL DEFAULT 0;     -- the newest count: movements up to it do nothing
ALTER TABLE stock ADD COLUMN count_uid BLOB;                           -- of two counts in one tick the larger id is newer
ALTER TABLE products ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;     -- 1: the hub has it; first in lookups (B7)

CREATE INDEX stock_entries_id ON stock_entries (id);                   -- own facts that come back are known by it

-- Facts made before: each later than the one before it, as core::next_hlc() makes them.
CREATE TEMP TABLE later_hlc AS
  SELECT fact, hlc FROM (
    SELECT fact, at, fact + max((at << 16) - fact) OVER (ORDER BY fact) AS hlc FROM (
      SELECT row AS fact, created_at AS at FROM orders UNION ALL SELECT row >> 12, at FROM stock_entries))
  WHERE hlc <> at << 16;
UPDATE orders        SET hlc = l.hlc FROM later_hlc l WHERE orders.row = l.fact;
UPDATE stock_entries SET hlc = l.hlc FROM later_hlc l WHERE stock_entries.row = l.fact << 12;
DROP TABLE later_hlc;
UPDATE stock SET count_hlc = c.hlc, count_uid = c.id FROM
  (SELECT product, max(coalesce(hlc, at << 16)) AS hlc, id FROM stock_entries WHERE kind = 3 GROUP BY product) c
  WHERE stock.product = c.product;

CREATE TABLE outbox (                   -- own edits of shared rows that the hub may ask for
  lo            INTEGER PRIMARY KEY,    -- local order, over both streams
  stream        INTEGER NOT NULL,       -- sync/core/envelope.h
  seq           INTEGER NOT NULL,
  uid           BLOB    NOT NULL,
  entity        INTEGER NOT NULL,
  row_id        BLOB    NOT NULL,
  hlc           INTEGER NOT NULL,
  business_date INTEGER NOT NULL,
  trace         BLOB    NOT NULL,
  body          BLOB    NOT NULL,       -- sync/core/edit.h
  held          INTEGER NOT NULL DEFAULT 0   -- the hub could not apply it yet: it goes on being shown here
) STRICT;
CREATE INDEX outbox_seq ON outbox (stream, seq);
CREATE INDEX outbox_row ON outbox (row_id);
CREATE INDEX outbox_uid ON outbox (uid);
CREATE INDEX outbox_held ON outbox (lo) WHERE held = 1;

CREATE TABLE sync_streams (             -- how far each stream is; a hash is the chain's at that seq, NULL at 0
  stream      INTEGER PRIMARY KEY,
  head        INTEGER NOT NULL DEFAULT 0,  -- newest seq; not of the sale stream, where the newest fact tells
  acked       INTEGER NOT NULL DEFAULT 0,
  acked_hash  BLOB,
  backed      INTEGER NOT NULL DEFAULT 0,
  backed_hash BLOB,
  landed      INTEGER NOT NULL DEFAULT 0,
  landed_hash BLOB
) STRICT;
INSERT INTO sync_streams (stream) VALUES (0), (1), (2);

CREATE TABLE sync_scopes (              -- what came from the hub: how far, and whether it agrees
  scope         INTEGER PRIMARY KEY,    -- sync/core/message.h
  rev           INTEGER NOT NULL DEFAULT 0,
  chain         BLOB    NOT NULL DEFAULT (zeroblob(16)),
  head_rev      INTEGER NOT NULL DEFAULT 0,
  head_chain    BLOB    NOT NULL DEFAULT (zeroblob(16)),
  gc_rev        INTEGER NOT NULL DEFAULT 0,
  shadow        INTEGER NOT NULL DEFAULT 0,  -- 1: a pull from 0 on is under way
  digest        BLOB    NOT NULL DEFAULT (zeroblob(16)),  -- of hub_rows
  shadow_digest BLOB    NOT NULL DEFAULT (zeroblob(16)),  -- of hub_rows_shadow
  matched_at    INTEGER,                -- when the hub's digest was ours
  mismatches    INTEGER NOT NULL DEFAULT 0,  -- since then
  hlc           INTEGER NOT NULL DEFAULT 0   -- the newest that its facts brought
) STRICT;
INSERT INTO sync_scopes (scope) VALUES (0), (1);

CREATE TABLE hub_rows (                 -- shared rows as the hub has them, raw: with fields this node does not know
  entity INTEGER NOT NULL,
  id     BLOB    NOT NULL,
  rev    INTEGER NOT NULL,
  image  BLOB    NOT NULL,              -- sync/core/edit.h
  fault  TEXT,                          -- why it cannot be shown here; NULL: it can
  PRIMARY KEY (entity, id)
) STRICT;
CREATE TABLE hub_rows_shadow (          -- the same while it is pulled anew
  entity INTEGER NOT NULL,
  id     BLOB    NOT NULL,
  rev    INTEGER NOT NULL,
  image  BLOB    NOT NULL,
  PRIMARY KEY (entity, id)
) STRICT;

CREATE TABLE remote_facts (             -- facts of the store's other nodes
  row           INTEGER PRIMARY KEY,
  uid           BLOB    NOT NULL,
  node          TEXT    NOT NULL,
  order_kind    INTEGER,                -- an order's, or …
  entry_kind    INTEGER,                -- … a stock entry's; neither: its body could not be read
  at            INTEGER NOT NULL,
  business_date INTEGER NOT NULL,
  reason        TEXT    NOT NULL,
  hlc           INTEGER NOT NULL,
  body          BLOB                    -- one that could not be read
) STRICT;
CREATE INDEX remote_facts_uid ON remote_facts (uid);

CREATE TABLE remote_movements (
  row        INTEGER PRIMARY KEY,       -- below zero, so that stock.last tells it from own ones: -(fact << 12 | n)
  product    INTEGER,                   -- NULL: not known here yet (C8)
  product_id BLOB    NOT NULL,
  quantity   INTEGER NOT NULL,          -- what its node moved
  counted    INTEGER,
  moved      INTEGER NOT NULL,          -- what it did to the stock here
  hlc        INTEGER NOT NULL,
  prev       INTEGER NOT NULL
) STRICT;
CREATE INDEX remote_movements_product ON remote_movements (product, hlc) WHERE product IS NOT NULL;
CREATE INDEX remote_movements_waiting ON remote_movements (product_id) WHERE product IS NULL;

CREATE TABLE conflicts (                -- the hub's journal of clashes, as far as it is this node's business
  row    INTEGER PRIMARY KEY,
  scope  INTEGER NOT NULL,              -- it came in
  id     BLOB    NOT NULL,
  status INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  entity INTEGER NOT NULL,
  row_id BLOB,
  field  TEXT    NOT NULL,
  base   TEXT    NOT NULL,
  ours   TEXT    NOT NULL,              -- what the hub had
  theirs TEXT    NOT NULL,              -- what the edit wanted
  policy INTEGER NOT NULL,
  winner INTEGER NOT NULL,
  node   TEXT    NOT NULL,
  user   BLOB,
  at     INTEGER NOT NULL,
  uid    BLOB                           -- of the envelope that clashed
) STRICT;
CREATE INDEX conflicts_id ON conflicts (id);
CREATE INDEX conflicts_open ON conflicts (status) WHERE status = 0;

DROP VIEW movements;
CREATE VIEW movements AS                -- the whole ledger, for sums over it
  SELECT row, product, moved, prev, 1 AS sold FROM order_lines
  UNION ALL
  SELECT row, product, moved, prev, 0 FROM stock_entries
  UNION ALL
  SELECT row, product, moved, prev, 0 FROM remote_movements WHERE product IS NOT NULL;
