-- What is fixed when the hub's database is made: tenant, currency, hub_epoch, version_base. Read once at start.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;
