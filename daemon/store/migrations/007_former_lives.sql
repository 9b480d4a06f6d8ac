-- Orders of this node's former lives come back, from headquarters or out of a damaged file (store/former.h). Their rows
-- are below zero, in the order of their ticks; so are their lines' and payments'. Their epochs have ids up to zero.
ALTER TABLE orders ADD COLUMN cashier_id  BLOB;  -- of one who is not among the users (any more)
ALTER TABLE orders ADD COLUMN of_order_id BLOB;  -- of an order that is not here (yet)
CREATE INDEX orders_awaiting ON orders (of_order_id)      WHERE of_order_id IS NOT NULL;
CREATE INDEX orders_former   ON orders (epoch, receipt_n) WHERE epoch <= 0;

CREATE TABLE carried_facts (            -- those that headquarters may not have: they are sent as facts of this life
  fact          INTEGER PRIMARY KEY,    -- their numbers in it, among those of orders and stock entries
  order_row     INTEGER,                -- an order, whose rows tell the rest; NULL: this does
  uid           BLOB    NOT NULL,
  kind          INTEGER NOT NULL,       -- sync/core/envelope.h
  hlc           INTEGER NOT NULL,
  business_date INTEGER NOT NULL,
  trace         BLOB    NOT NULL,
  body          BLOB
) STRICT;

-- What a former life moved stands among the remote movements.
DROP VIEW movements;
CREATE VIEW movements AS                -- the whole ledger, for sums over it
  SELECT row, product, moved, prev, 1 AS sold FROM order_lines WHERE row > 0
  UNION ALL
  SELECT row, product, moved, prev, 0 FROM stock_entries
  UNION ALL
  SELECT row, product, moved, prev, 0 FROM remote_movements WHERE product IS NOT NULL;

-- A node that was put back before this had only the movements of its lost orders: it pulls its store's facts anew.
DELETE FROM conflicts WHERE scope = 1
  AND EXISTS (SELECT 1 FROM remote_facts WHERE node = (SELECT value FROM meta WHERE key = 'node'));
UPDATE sync_scopes SET rev = 0, chain = zeroblob(16), head_rev = 0, head_chain = zeroblob(16), gc_rev = 0, shadow = 1
  WHERE scope = 1
  AND EXISTS (SELECT 1 FROM remote_facts WHERE node = (SELECT value FROM meta WHERE key = 'node'));
