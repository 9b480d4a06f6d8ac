-- Orders that are not paid at once, and what belongs to them. A placed order is no fact yet: it has no receipt number and
-- moves no stock. Paid, it becomes one: a row of orders with the same id; its own row stays, for the repeated POST.

ALTER TABLE orders   ADD COLUMN customer  INTEGER;      -- users.row: whose order it is; NULL: nobody known
ALTER TABLE orders   ADD COLUMN place     INTEGER;      -- placed_orders.row that was paid; NULL: sold at once
ALTER TABLE payments ADD COLUMN reference TEXT;         -- a card's charge or refund at whoever holds the money
CREATE INDEX orders_customer ON orders (customer) WHERE customer IS NOT NULL;

CREATE TABLE placed_orders (
  row            INTEGER PRIMARY KEY,   -- next fact << 20 | n: where it stands among the facts
  id             BLOB    NOT NULL,      -- the sale's, too
  version        INTEGER NOT NULL,      -- as made, like status; version_now once it changed
  created_at     INTEGER NOT NULL,
  fulfilment     INTEGER NOT NULL,
  business_date  INTEGER NOT NULL,
  cashier        INTEGER NOT NULL,      -- who placed it
  customer       INTEGER,
  subtotal       INTEGER NOT NULL,
  discount       INTEGER NOT NULL,
  tax            INTEGER NOT NULL,
  total          INTEGER NOT NULL,
  reserved_until INTEGER NOT NULL,      -- as made
  address        TEXT,                  -- deliveries; JSON
  once_key       TEXT,
  once_hash      INTEGER,
  status_now     INTEGER,
  version_now    INTEGER,
  updated_at     INTEGER,
  reason         TEXT,                  -- of its cancellation
  sold           INTEGER                -- the fact it became
) STRICT;
CREATE INDEX placed_orders_id       ON placed_orders (id);
CREATE INDEX placed_orders_once     ON placed_orders (once_key, cashier) WHERE once_key IS NOT NULL;
CREATE INDEX placed_orders_customer ON placed_orders (customer) WHERE customer IS NOT NULL;

CREATE TABLE placed_lines (
  place         INTEGER NOT NULL,
  n             INTEGER NOT NULL,       -- from 1
  product       INTEGER NOT NULL,
  name          TEXT    NOT NULL,
  quantity      INTEGER NOT NULL,
  unit_price    INTEGER NOT NULL,
  list_price    INTEGER,
  discount      INTEGER NOT NULL,
  tax_rate      INTEGER NOT NULL,
  tax           INTEGER NOT NULL,
  total         INTEGER NOT NULL,
  moved         INTEGER NOT NULL,       -- what it will do to the stock
  price_version INTEGER NOT NULL,
  reason        TEXT,
  PRIMARY KEY (place, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (             -- stock.reserved is their sum
  row        INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL,
  product    INTEGER NOT NULL,
  quantity   INTEGER NOT NULL,
  place      INTEGER,                   -- the placed order it is for; NULL: made by hand
  expires_at INTEGER,                   -- NULL: it does not
  created_at INTEGER NOT NULL,
  user       INTEGER NOT NULL,
  reason     TEXT    NOT NULL
) STRICT;
CREATE INDEX reservations_id      ON reservations (id);
CREATE INDEX reservations_product ON reservations (product);
CREATE INDEX reservations_place   ON reservations (place)      WHERE place IS NOT NULL;
CREATE INDEX reservations_expiry  ON reservations (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE shipments (
  row             INTEGER PRIMARY KEY,
  id              BLOB    NOT NULL,
  version         INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  order_row       INTEGER NOT NULL,     -- the sale's fact
  customer        INTEGER,
  status          INTEGER NOT NULL,     -- domain/shipment.h
  carrier         TEXT    NOT NULL,
  tracking_number TEXT    NOT NULL,
  address         TEXT                  -- JSON; NULL: the customer was erased
) STRICT;
CREATE INDEX shipments_id     ON shipments (id);
CREATE INDEX shipments_order  ON shipments (order_row);
CREATE INDEX shipments_status ON shipments (status);
CREATE INDEX shipments_customer ON shipments (customer) WHERE customer IS NOT NULL;

CREATE TABLE carts (
  row        INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  owner      INTEGER NOT NULL,          -- users.row; 0: a till's
  till       INTEGER NOT NULL,          -- tills.row; 0: a user's
  name       TEXT,                      -- parked under it; NULL: the current one
  shared     INTEGER NOT NULL           -- parked by staff, for any of them
) STRICT;
CREATE INDEX carts_id ON carts (id);
CREATE INDEX carts_parked ON carts (shared, owner) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX carts_current ON carts (owner, till) WHERE name IS NULL;

CREATE TABLE cart_lines (
  cart     INTEGER NOT NULL,
  product  INTEGER NOT NULL,
  n        INTEGER NOT NULL,            -- the order they were put in
  quantity INTEGER NOT NULL,
  PRIMARY KEY (cart, product)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (                  -- domain/notice.h
  row     INTEGER PRIMARY KEY,
  id      BLOB    NOT NULL,
  at      INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  user    INTEGER,                      -- whom it is for; NULL: the managers
  subject BLOB,
  detail  TEXT    NOT NULL,
  secret  TEXT                          -- gone when it is of no use any more
) STRICT;
CREATE INDEX notices_secret ON notices (at) WHERE secret IS NOT NULL;
