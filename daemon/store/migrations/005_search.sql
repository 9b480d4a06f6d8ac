-- Search: an index of the words of products that are not removed (FTS5), and the orders that lists of them have.
--   * Its content is a view, so the words are kept once, in products, and FTS5 itself can tell whether index and rows
--     agree ('integrity-check') and make the index anew ('rebuild'). store/product_words.* keeps it right.
--   * Positions are kept (detail=full): a typed "AB-12" is two words side by side. Lengths are not (columnsize=0): they
--     serve bm25, whose ranks move with every product that is added, so that no cursor could hold on to them.
--   * No index of beginnings (prefix=): it makes the whole thing three times as large, on disk and in what an edit
--     writes, to make a search for a word's first letters take 1 ms instead of 10.
--   * A piece of the index fits a page of the database, which is 1 KiB: one that is larger would take two. Pieces are
--     merged eight at a time, not four: an edit of a text then writes 12 to 15 KB instead of 25, and no search notices.

CREATE VIEW product_texts AS
  SELECT row, name, sku, barcodes, brand, description FROM products WHERE removed = 0;

CREATE VIRTUAL TABLE product_words USING fts5 (
  name, sku, barcodes, brand, description,
  content = 'product_texts', content_rowid = 'row', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO product_words (product_words, rank) VALUES ('pgsz', 960);
INSERT INTO product_words (product_words, rank) VALUES ('automerge', 8);
INSERT INTO product_words (product_words) VALUES ('rebuild');

CREATE INDEX products_price ON products (price) WHERE removed = 0;
CREATE INDEX products_name  ON products (name COLLATE NOCASE) WHERE removed = 0;
