#!/usr/bin/env python3
"""A real shop's day, to the penny: catalogue by CSV import, every invoice through the REST API, then the books.

The rules (what a product is, what a return, how pennies are rounded) are at the top of retail.py. `--day FILE` replays
another day of online-retail, `--month DIR` all days in it; `--long` is the month in $TILL_RETAIL, skipped when absent.
The published days hold no fraction of a penny, and the small one no clerk's remark; MADE_UP adds one invoice of each.

Checked: every bad row of the import is reported with line and reason; the orders of each invoice sum to its CSV lines
(Decimal, half up per line); net + tax = gross, the tax as computed here; stock on hand = our ledger = sum of movements;
receipts 1..n without a gap; the journal's chain by the API and by the CLI; export and backup give all of it back.
"""
import collections
import itertools
import os
import pathlib
import sys
import time
from decimal import ROUND_HALF_UP, Decimal

import retail
import till

MONTH = till.ROOT.parent / "shared/data/online-retail"
CONNECTIONS = 4  # tills that take turns, so that the order of time holds
MADE_UP = (  # invoice, pieces, price, text (None: that of the first goods in the file)
    ("PENNY1", 7, "0.001", None), ("PENNY1", 3, "0.555", None), ("PENNY1", 9, "1.0049", None),
    ("NOTE1", -3, "0", "faulty"), ("NOTE2", 5, "0", "Found"), ("CREDIT1", 3, "-0.555", None))

BAD_ROWS = (  # sku,name,barcodes,price,tax_class,description,category,unit,stock; and the column that is wrong
    ("NAMELESS,,,1.00,standard,,Goods,piece,0", "name"),
    (",No code,,1.00,standard,,Goods,piece,0", "sku"),
    ("BELOW,Below zero,,-1.00,standard,,Goods,piece,0", "price"),
    ("FRACTION,Half a penny,,1.005,standard,,Goods,piece,0", "price"),
    ("WORDS,Price in words,,ten,standard,,Goods,piece,0", "price"),
    ("HUGE,Price without end,,99999999999999999999,standard,,Goods,piece,0", "price"),
    ("TAXLESS,Unknown class,,1.00,windows,,Goods,piece,0", "tax_class"),
    (f"LONGCODE,Barcode of 49,{'9' * 49},1.00,standard,,Goods,piece,0", "barcodes"),
    ("TAKEN,Somebody's barcode,{barcode},1.00,standard,,Goods,piece,0", "barcodes"),
    ("UNITLESS,Sold by the mood,,1.00,standard,,Goods,mood,0", "unit"),
    ("STOCKED,Stock in words,,1.00,standard,,Goods,piece,many", "stock"),
    ("SHORT,Too few fields", ""),
    ('QUOTED,"Broken" quotes,,1.00,standard,,Goods,piece,0', ""),
    ("LATIN,Caf\udce9,,1.00,standard,,Goods,piece,0", ""),  # the byte E9 alone
)


def made_up(lines):
    """MADE_UP as lines of the first goods in the file, after the last invoice."""
    model = next(line for line in lines if retail.GOODS.match(line.code) and line.price > 0)
    when = lines[-1].when
    return [retail.Line(invoice, model.code, text or model.text, quantity, when, Decimal(price), "", f"made up:{n}")
            for n, (invoice, quantity, price, text) in enumerate(MADE_UP)]


def import_catalogue(shop, report, products):
    """By the API's job; returns SKU → product id."""
    barcode = next(p.barcodes[0] for p in products.values() if p.barcodes)
    bad = [row.format(barcode=barcode) for row, _ in BAD_ROWS]
    text = retail.to_csv(products.values()) + "\n".join(bad)
    job = shop.must(202, "POST", "/api/v1/products/imports", text.encode(errors="surrogateescape"),
                    headers={"Content-Type": "text/csv"})
    path = f"/api/v1/products/imports/{job['id']}"
    job = finished(shop, path)
    report.equal("import: status, total, created, refused",
                 ("DONE", len(products) + len(bad), len(products), len(bad)),
                 tuple(job[name] for name in ("status", "total", "created", "refused")))
    refused = {row["line"]: row for row in shop.pages(f"{path}/rows?result=REFUSED")}
    first = len(products) + 2  # line 1 is the header
    report.equal("import: lines refused", list(range(first, first + len(bad))), sorted(refused))
    report.none("import: each refusal names its column and a reason",
                [(row, refused.get(line)) for line, (row, column) in enumerate(BAD_ROWS, first)
                 if line not in refused or refused[line]["field"] != column or not refused[line]["detail"]])
    rows = {row["sku"]: row for row in shop.pages("/api/v1/products")}
    report.none("catalogue: every StockCode with its name and usual price",
                [(sku, p.price, rows.get(sku)) for sku, p in products.items()
                 if sku not in rows or (rows[sku]["name"], rows[sku]["price"]) != (p.name, p.price)])
    return {sku: row["id"] for sku, row in rows.items()}


def finished(shop, path, limit_s=60):
    """The import job once it runs no more, or as it is after the limit."""
    limit = time.monotonic() + limit_s
    while (job := shop.must(200, "GET", path))["status"] == "RUNNING" and time.monotonic() < limit:
        time.sleep(0.02)
    return job


def half_up(exact):
    """To a whole number, halves away from zero."""
    return int(Decimal(exact).quantize(Decimal(1), ROUND_HALF_UP))


def taxes_due(step, answers, back):
    """The tax of each line of a step, as computed here: that within the gross, or, for a return of a known sale, the
    share of its tax, so that the parts of a line add up to it. `back`: (sale, line) → pieces returned so far."""
    if step.kind != "return":
        gross = [line["total"] for line in answers[step.key]["lines"]]
        return [half_up(Decimal(total) * till.TAX_PPM / (1_000_000 + till.TAX_PPM)) for total in gross]
    due = []
    for item in step.items:
        line = answers[step.of]["lines"][item.at]
        before, pieces = back[step.of, item.at], line["quantity"] // 1000
        back[step.of, item.at] += item.quantity
        tax_back = [half_up(Decimal(line["tax"]) * n / pieces) for n in (before, before + item.quantity)]
        due.append(tax_back[0] - tax_back[1])
    return due


def books_of(order, taxes):
    """What is wrong with the arithmetic of one order; empty if nothing is."""
    lines = order["lines"]
    wrong = [f"{name} is not the sum of its lines" for name in ("total", "tax", "discount")
             if order[name] != sum(line[name] for line in lines)]
    if order["subtotal"] - order["discount"] != order["total"]:
        wrong.append("subtotal - discount is not the total")
    if [line["tax"] for line in lines] != taxes:
        wrong.append(f"tax of the lines is not {taxes}")
    return wrong


def replay(clients, report, day, ids):
    """Every step once, in time order, by turns over the connections; returns key → answered order."""
    answers, sales, wrong = {}, {}, []
    for n, step in enumerate(day.steps):
        if step.of and step.of not in sales:
            wrong.append(f"{step.kind} {step.key}: its sale {step.of} was refused")
            continue
        path, body = retail.request(step, ids, sales, day.products)
        answer = clients[n % len(clients)].call("POST", path, body, key=step.key)
        if answer.status // 100 != 2:
            wrong.append(f"{step.kind} {step.key}: {answer}")
            continue
        if step.kind in ("sale", "return", "blind"):
            answers[step.key] = answer.json
            if step.kind == "sale":
                sales[step.key] = answers[step.key]
    report.none(f"replay: {len(day.steps)} steps answered", wrong)
    return answers


def check_money(report, day, lines, answers):
    paid = collections.Counter()
    for step in day.steps:
        if step.key in answers:
            paid[step.invoice] += answers[step.key]["total"]
    due = collections.Counter()
    for line in lines:
        due[line.invoice] += retail.penny(line.quantity * line.price)
    report.none(f"money: {len(due)} invoices equal to the CSV to the penny",
                [(invoice, due[invoice], paid[invoice]) for invoice in due if due[invoice] != paid[invoice]])
    report.equal("money: the day's sum in pence", sum(due.values()), sum(paid.values()))
    overridden = [(step.key, item, line) for step in day.steps if step.kind == "sale" and step.key in answers
                  for item, line in zip(step.items, answers[step.key]["lines"])
                  if (line["list_price"] or line["unit_price"], line["unit_price"]) != (item.usual, item.price)
                  or (item.price != item.usual or item.discount > 0) != bool(line["reason"])]
    report.none("overrides: list price kept, reason given, and only where the price is another", overridden)
    back = collections.Counter()
    report.none("books: every order adds up, the tax of every line as computed here",
                [(step.key, wrong) for step in day.steps if step.key in answers
                 if (wrong := books_of(answers[step.key], taxes_due(step, answers, back)))])
    change = [(s.key, answers[s.key]["change"]) for s in day.steps
              if s.kind == "sale" and s.key in answers and answers[s.key]["change"] != -s.total % 500]
    report.none("cash: change to the next five pounds", change)


def check_stock(shop, report, day, ids):
    ledger = collections.Counter({sku: retail.OPENING for sku, p in day.products.items() if p.goods})
    for step in day.steps:
        ledger.update(retail.moves(step, day.products))
    wrong = []
    for sku in day.products:
        on_hand = shop.must(200, "GET", f"/api/v1/inventory/{ids[sku]}")["on_hand"]
        moved = sum(m["moved"] for m in shop.pages(f"/api/v1/inventory/{ids[sku]}/movements"))
        if not ledger[sku] * 1000 == on_hand == moved:
            wrong.append((sku, {"ledger": ledger[sku] * 1000, "on_hand": on_hand, "movements": moved}))
    report.none(f"stock: {len(day.products)} products, on hand = ledger = sum of movements", wrong)


def check_chain(house, shop, report, count):
    answer = shop.must(200, "GET", "/api/v1/journal/verify")
    report.equal("journal: the chain, by the API", (True, count), (answer["intact"], answer["receipts"]))
    done = house.cli("journal", "verify", check=False)
    said = f"{done.returncode} {done.stdout}{done.stderr}"
    report.check("journal: the chain, by the CLI", done.returncode == 0, "exit 0", said)


def check_receipts(shop, report, count):
    orders = list(shop.pages("/api/v1/orders"))
    report.equal("orders: as many as were answered", count, len(orders))
    check_numbers(report, orders)


def check_numbers(report, orders):
    parts = [order["receipt_number"].rpartition("-") for order in orders]
    report.equal("receipts: one series", 1, len({series for series, _, _ in parts}))
    numbers = sorted(int(n) for _, _, n in parts)
    report.none(f"receipts: 1..{len(orders)} without a gap",
                [(expected, got) for expected, got in enumerate(numbers, 1) if expected != got])


def check_copies(house, shop, report, tilld):
    """What leaves the running shop by the CLI comes back as it was: the catalogue as CSV, all of it as a backup."""
    catalogue, backup = house.home / "export.csv", house.home / "backup.db"
    catalogue.write_text(house.cli("export", "products").stdout)
    house.cli("import", "products", catalogue)
    job = next(shop.pages("/api/v1/products/imports"))
    report.equal("export: imports again with every row unchanged", job["total"], job["unchanged"])
    house.cli("backup", backup)
    with till.Till(tilld) as copy:
        copy.cli("restore", backup)
        copy.start()
        again = copy.login()
        for what, path in (("orders", "/api/v1/orders"), ("stock", "/api/v1/inventory")):
            pairs = itertools.zip_longest(shop.pages(path), again.pages(path))
            different = [pair for pair in pairs if pair[0] != pair[1]]
            report.none(f"backup: the same {what} in a shop restored from it", different)
        check_chain(copy, again, report, len(list(shop.pages("/api/v1/orders"))))


def files_of(args):
    """The files that --day, --month and --long ask for."""
    month = args.month or args.long and pathlib.Path(os.environ.get("TILL_RETAIL", MONTH))
    files = sorted(month.glob("*.csv.gz")) if month else []
    if month and not files:
        print(f"the month is skipped, there is no *.csv.gz in {month}; the day instead")
    return files or [args.day]


def main():
    args = till.arguments(__doc__, day={"type": pathlib.Path, "default": till.DAY}, month={"type": pathlib.Path})
    files = files_of(args)
    report = till.Report()
    lines = retail.read(files)
    lines += made_up(lines)
    day = retail.Day(lines, retail.catalogue(lines))
    kinds = collections.Counter(step.kind for step in day.steps)
    print(f"{len(files)} files, {len(lines)} lines, {len(day.products)} products, steps: {dict(kinds)}")
    with till.Till(args.tilld) as house:
        shop = house.open_with_manager()
        ids = import_catalogue(shop, report, day.products)
        began = time.monotonic()
        answers = replay([house.client() for _ in range(CONNECTIONS)], report, day, ids)
        print(f"      {len(day.steps) / (time.monotonic() - began):.0f} steps/s")
        check_money(report, day, lines, answers)
        check_stock(shop, report, day, ids)
        check_chain(house, shop, report, len(answers))
        check_receipts(shop, report, len(answers))
        check_copies(house, shop, report, args.tilld)
        report.equal("stop: exit code", 0, house.stop())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
