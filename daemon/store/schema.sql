-- Generated from migrations/*.sql by tests/store/migrations_test.cpp. For readers: nothing runs it.

CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;

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
, phone TEXT NOT NULL DEFAULT '', pin_hash TEXT NOT NULL DEFAULT '') STRICT;
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
, till INTEGER NOT NULL DEFAULT 0) STRICT;
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

CREATE TABLE meta (                     -- what is fixed when the database is made, and what a restore changes
  key   TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE epochs (                   -- lives of this database: a new one at creation and at every restore (A2)
  id         INTEGER PRIMARY KEY,
  epoch      BLOB    NOT NULL,          -- 8 random bytes
  started_at INTEGER NOT NULL,
  prev_hash  BLOB    NOT NULL           -- the journal's hash that the first receipt of this epoch follows
, sale_base INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE categories (
  row         INTEGER PRIMARY KEY,
  id          BLOB    NOT NULL,
  version     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  name        TEXT    NOT NULL,
  slug        TEXT    NOT NULL,
  parent_id   BLOB,
  description TEXT    NOT NULL,
  position    INTEGER NOT NULL,
  removed     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX categories_id   ON categories (id);
CREATE INDEX categories_slug ON categories (slug) WHERE removed = 0;
CREATE INDEX categories_name ON categories (parent_id, name) WHERE removed = 0;

CREATE TABLE products (
  row          INTEGER PRIMARY KEY,
  id           BLOB    NOT NULL,
  version      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  name         TEXT    NOT NULL,
  slug         TEXT    NOT NULL,
  sku          TEXT    NOT NULL,
  barcodes     TEXT,                    -- JSON list; product_barcodes is its index
  brand        TEXT    NOT NULL,
  description  TEXT    NOT NULL,
  images       TEXT,
  category_ids TEXT,                    -- JSON list; product_categories is its index
  price        INTEGER NOT NULL,        -- minor units
  currency     TEXT    NOT NULL,        -- the store's
  tax_class    TEXT    NOT NULL,
  unit         INTEGER NOT NULL,
  stock_policy INTEGER NOT NULL,
  low_stock    INTEGER NOT NULL,
  active       INTEGER NOT NULL,
  removed      INTEGER NOT NULL DEFAULT 0
, shared INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX products_id   ON products (id);
CREATE INDEX products_sku  ON products (sku)  WHERE removed = 0;
CREATE INDEX products_slug ON products (slug) WHERE removed = 0;

CREATE TABLE product_barcodes (
  code    TEXT    NOT NULL,
  product INTEGER NOT NULL,
  PRIMARY KEY (code, product)
) STRICT, WITHOUT ROWID;

CREATE TABLE product_categories (
  category_id BLOB    NOT NULL,
  product     INTEGER NOT NULL,
  PRIMARY KEY (category_id, product)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (                  -- who changed what in a shared row: one entry a version
  entity  INTEGER NOT NULL,             -- store/history.h
  row     INTEGER NOT NULL,
  version INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  user    INTEGER NOT NULL,
  changes TEXT    NOT NULL,             -- {"price": [1999, 1799]}
  PRIMARY KEY (entity, row, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock (                    -- the running sum of a product's ledger
  product  INTEGER PRIMARY KEY,
  on_hand  INTEGER NOT NULL,            -- thousandths; below zero when more was sold than the book had
  reserved INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  last     INTEGER NOT NULL             -- key of the newest movement (order_lines or stock_entries), 0: none
, count_hlc INTEGER NOT NULL DEFAULT 0, count_uid BLOB) STRICT;

CREATE TABLE orders (
  row           INTEGER PRIMARY KEY,    -- the fact number
  id            BLOB    NOT NULL,       -- its last 16 bits are zero: lines and payments fill them (base/id.h)
  version       INTEGER NOT NULL,       -- as made; version_now once it changed
  created_at    INTEGER NOT NULL,
  kind          INTEGER NOT NULL,
  fulfilment    INTEGER NOT NULL,
  status        INTEGER NOT NULL,       -- as made; status_now once it changed
  epoch         INTEGER NOT NULL,
  receipt_n     INTEGER NOT NULL,       -- 1.. without a gap in its epoch (D18)
  business_date INTEGER NOT NULL,
  cashier       INTEGER NOT NULL,
  subtotal      INTEGER NOT NULL,
  discount      INTEGER NOT NULL,
  tax           INTEGER NOT NULL,
  total         INTEGER NOT NULL,
  oversold      INTEGER NOT NULL,
  of_order      INTEGER,                -- returns and voids: the order they are of
  reason        TEXT,
  hash          BLOB    NOT NULL,       -- of the journal (domain/journal.h)
  once_key      TEXT,                   -- the idempotency key it was made with: the answer is rendered again from here
  once_hash     INTEGER,
  status_now    INTEGER,
  version_now   INTEGER,
  updated_at    INTEGER
, hlc   INTEGER, trace BLOB, customer  INTEGER, place     INTEGER, cashier_id  BLOB, of_order_id BLOB) STRICT;
CREATE INDEX orders_id   ON orders (id);
CREATE INDEX orders_once ON orders (once_key, cashier) WHERE once_key IS NOT NULL;
CREATE INDEX orders_of   ON orders (of_order) WHERE of_order IS NOT NULL;

CREATE TABLE order_lines (
  row           INTEGER PRIMARY KEY,    -- order << 12 | n, n from 1
  product       INTEGER NOT NULL,
  name          TEXT    NOT NULL,       -- as sold
  quantity      INTEGER NOT NULL,
  unit_price    INTEGER NOT NULL,
  list_price    INTEGER,                -- when sold at another price
  discount      INTEGER NOT NULL,
  tax_rate      INTEGER NOT NULL,
  tax           INTEGER NOT NULL,
  total         INTEGER NOT NULL,
  moved         INTEGER NOT NULL,       -- what it did to the stock
  price_version INTEGER NOT NULL,       -- the product's version it was sold at
  prev          INTEGER NOT NULL,       -- the product's movement before this one
  of_line       INTEGER,
  reason        TEXT
) STRICT;
CREATE INDEX order_lines_of ON order_lines (of_line) WHERE of_line IS NOT NULL;

CREATE TABLE payments (
  row      INTEGER PRIMARY KEY,         -- order << 12 | n, n from 1
  method   INTEGER NOT NULL,
  amount   INTEGER NOT NULL,
  tendered INTEGER NOT NULL,
  status   INTEGER NOT NULL
, reference TEXT) STRICT;

CREATE TABLE stock_entries (            -- movements that are no sale: goods in and out, corrections, counts
  row           INTEGER PRIMARY KEY,    -- fact << 12
  id            BLOB    NOT NULL,
  product       INTEGER NOT NULL,
  kind          INTEGER NOT NULL,       -- domain/stock.h
  moved         INTEGER NOT NULL,
  counted       INTEGER,                -- counts: what stood on the shelf
  reason        TEXT    NOT NULL,
  user          INTEGER NOT NULL,
  at            INTEGER NOT NULL,
  business_date INTEGER NOT NULL,
  prev          INTEGER NOT NULL
, hlc   INTEGER, trace BLOB) STRICT;

CREATE TABLE imports (                  -- product imports: a job with a result per row; its file is imports/<id>.csv
  row         INTEGER PRIMARY KEY,
  id          BLOB    NOT NULL,
  version     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  total       INTEGER NOT NULL,
  created     INTEGER NOT NULL,
  updated     INTEGER NOT NULL,
  unchanged   INTEGER NOT NULL,
  refused     INTEGER NOT NULL,
  message     TEXT    NOT NULL,
  create_only INTEGER NOT NULL,
  user        INTEGER NOT NULL,
  next_record INTEGER NOT NULL          -- where a restart goes on
) STRICT;
CREATE INDEX imports_id ON imports (id);

CREATE TABLE import_rows (
  import  INTEGER NOT NULL,
  record  INTEGER NOT NULL,             -- 1 for the first after the header
  line    INTEGER NOT NULL,             -- of the file, where the record begins
  sku     TEXT    NOT NULL,
  result  INTEGER NOT NULL,
  field   TEXT    NOT NULL,
  code    TEXT    NOT NULL,
  detail  TEXT    NOT NULL,
  PRIMARY KEY (import, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_entries_id ON stock_entries (id);

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
CREATE INDEX users_pin ON users (name) WHERE pin_hash <> '';

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

CREATE VIEW product_texts AS
  SELECT row, name, sku, barcodes, brand, description FROM products WHERE removed = 0;

CREATE VIRTUAL TABLE product_words USING fts5 (
  name, sku, barcodes, brand, description,
  content = 'product_texts', content_rowid = 'row', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE 'product_words_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'product_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE 'product_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE INDEX products_price ON products (price) WHERE removed = 0;
CREATE INDEX products_name  ON products (name COLLATE NOCASE) WHERE removed = 0;
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

CREATE VIEW movements AS                -- the whole ledger, for sums over it
  SELECT row, product, moved, prev, 1 AS sold FROM order_lines WHERE row > 0
  UNION ALL
  SELECT row, product, moved, prev, 0 FROM stock_entries
  UNION ALL
  SELECT row, product, moved, prev, 0 FROM remote_movements WHERE product IS NOT NULL;
