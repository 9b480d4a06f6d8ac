"""From the lines of `online-retail` to a catalogue and to the steps that replay its days. Pure: no HTTP, no daemon.

Rules of the catalogue
  code        a StockCode without outer blanks and in capitals is the SKU: "85123a" is "85123A" typed in a hurry.
              Every spelling in the file is a barcode of goods, so that each StockCode sells as the clerk wrote it.
  goods       codes that begin with five digits or with DCGS. All others (POST, DOT, M, BANK CHARGES, AMAZONFEE,
              vouchers) are services: category Services, no opening stock, found by SKU, not put back when returned.
  remark      a description that stands on no priced line of the file and holds no word in capitals ("", "?", "damages",
              "Dotcom sales") is a clerk's remark, not a name.
  name        the most frequent description that is no remark, the earliest of equals; none: "(no description) <code>".
  price       the most frequent positive whole-penny price of sales, the earliest of equals; only sub-penny prices: the
              earliest, rounded up; none at all: 0.

Rules of the replay
  sequence    invoices by the time of their first line, then as they stand in the file.
  rounding    a line is worth quantity × price rounded half up to the penny. A sub-penny price is sold at the next whole
              penny with the difference as the line's discount.
  override    a price that is not the usual one, 0 included, is an override with a reason.
  note        on an invoice that is no cancellation a line with negative quantity, or with price 0 and a remark, moved
              stock and no money: issue, or adjust upwards, with the remark as its reason.
  return      a line of a cancellation (C…) with the same customer, code and price as an earlier sale's line that has
              enough left is a return of it, the latest such sale first; a sub-penny line only whole. All else is blind.
  credit      a negative price (bad debt, in other months) is a blind return of the positive one.
"""
import collections
import csv
import dataclasses
import gzip
import io
import math
import re
from decimal import ROUND_HALF_UP, Decimal

GOODS = re.compile(r"\d{5}|DCGS")
CAPITALS = re.compile(r"\b[A-Z]{2,}")
OPENING = 100  # pieces of each of the goods, from the catalogue's CSV
COLUMNS = ("sku", "name", "barcodes", "price", "tax_class", "description", "category", "unit", "stock")


@dataclasses.dataclass(frozen=True)
class Line:
    invoice: str
    code: str  # as the clerk wrote it
    text: str
    quantity: int
    when: str
    price: Decimal
    customer: str
    where: str  # file:line

    @property
    def sku(self):
        return self.code.upper()


@dataclasses.dataclass(frozen=True)
class Product:
    sku: str
    name: str
    price: int  # pence
    goods: bool
    barcodes: tuple


@dataclasses.dataclass(frozen=True)
class Item:
    """One line of a step: pieces, pence. `at` is the place of the line in the sale that a known return refers to."""
    sku: str
    code: str
    quantity: int
    price: int
    usual: int
    discount: int = 0
    at: int = 0


@dataclasses.dataclass(frozen=True)
class Step:
    """One POST: "sale", "return" (of the sale with key `of`), "blind" return, or "receive", "issue", "adjust"."""
    key: str
    invoice: str
    kind: str
    items: tuple
    total: int = 0  # pence that change hands, negative when the shop pays
    reason: str = ""
    of: str = ""


def penny(amount):
    """An exact amount in pounds as pence, half up."""
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def whole_pence(price):
    return price * 100 == int(price * 100)


def read(files):
    """The lines of gzip CSV files, in the order given."""
    lines = []
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text)
            for row in reader:
                description = " ".join(row["Description"].split())
                lines.append(Line(row["InvoiceNo"].strip(), row["StockCode"].strip(), description, int(row["Quantity"]),
                                  row["InvoiceDate"], Decimal(row["UnitPrice"]), row["CustomerID"].strip(),
                                  f"{file.name}:{reader.line_num}"))
    return lines


def remarks(lines):
    """The texts that are no names of goods; the empty one always is."""
    priced = {line.text for line in lines if line.price > 0}
    return {line.text for line in lines if line.text not in priced and not CAPITALS.search(line.text)} | {""}


def catalogue(lines):
    """SKU → Product."""
    noise = remarks(lines)
    rows = collections.defaultdict(list)
    for line in lines:
        rows[line.sku].append(line)
    return {sku: product(sku, rows[sku], noise) for sku in rows}


def product(sku, lines, noise):
    names = collections.Counter(line.text for line in lines if line.text not in noise)
    prices = collections.Counter(line.price for line in lines if line.price > 0)
    whole = collections.Counter({p: n for p, n in prices.items() if whole_pence(p)})
    price = whole.most_common(1)[0][0] if whole else next(iter(prices), Decimal(0))
    name = names.most_common(1)[0][0] if names else f"(no description) {sku}"
    goods = bool(GOODS.match(sku))
    spellings = tuple(dict.fromkeys(line.code for line in lines))
    return Product(sku, name, math.ceil(price * 100), goods, spellings if goods else ())


def to_csv(products):
    """The import file; line 1 is the header."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    for p in products:
        out.writerow((p.sku, p.name, " ".join(p.barcodes), f"{p.price // 100}.{p.price % 100:02}", "standard", "",
                      "Goods" if p.goods else "Services", "piece", OPENING if p.goods else 0))
    return text.getvalue()


class Day:
    """Makes the steps of the lines; remembers what was sold to whom, for the returns."""

    def __init__(self, lines, products):
        self.products = products
        self.noise = remarks(lines)
        self.sold = collections.defaultdict(list)  # (customer, sku, price) → [[key of sale, place, sold, left]]
        self.steps = []
        invoices = collections.defaultdict(list)
        for line in lines:
            invoices[line.invoice].append(line)
        for invoice in sorted(invoices.values(), key=lambda of: of[0].when):  # stable: the file's order among equals
            self.add(invoice)
        self.steps[:0] = self.deliveries()

    def add(self, lines):
        name = lines[0].invoice
        kinds = {"note": [], "back": [], "sale": []}
        for line in lines:
            kinds[self.kind(line)].append(line)
        for n, line in enumerate(kinds["note"]):
            verb = "issue" if line.quantity < 0 else "adjust"
            self.steps.append(Step(f"{name}/note{n}", name, verb, (self.item(line),), 0, line.text or "no remark"))
        if kinds["sale"]:
            self.sell(name, kinds["sale"])
        self.take_back(name, kinds["back"])

    def kind(self, line):
        if not line.invoice.startswith("C") and (line.quantity < 0 or line.price == 0 and line.text in self.noise):
            return "note"
        return "back" if line.price < 0 or line.quantity < 0 else "sale"

    def sell(self, name, lines):
        items = tuple(self.item(line) for line in lines)
        self.steps.append(Step(name, name, "sale", items, worth(items)))
        for place, line in enumerate(lines):
            self.sold[line.customer, line.sku, line.price].append([name, place, line.quantity, line.quantity])

    def item(self, line, at=0):
        quantity = abs(line.quantity)
        price = math.ceil(abs(line.price) * 100)
        return Item(line.sku, line.code, quantity, price, self.products[line.sku].price,
                    quantity * price - penny(quantity * abs(line.price)), at)

    def take_back(self, name, lines):
        groups = collections.defaultdict(list)  # key of the sale, or "" → items
        for line in lines:
            sale = self.sale_of(line)
            groups[sale[0] if sale else ""].append(self.item(line, sale[1] if sale else 0))
        for n, (of, items) in enumerate(groups.items()):
            kind = "return" if of else "blind"
            self.steps.append(Step(f"{name}/{n}", name, kind, tuple(items), -worth(items), "cancelled " + name, of))

    def sale_of(self, line):
        if not line.customer:
            return None
        for sale in reversed(self.sold[line.customer, line.sku, line.price]):
            if sale[3] >= -line.quantity and (whole_pence(line.price) or sale[2] == -line.quantity):
                sale[3] += line.quantity
                return sale
        return None

    def deliveries(self):
        """What the opening stock does not cover comes in before the shop opens."""
        need = collections.Counter()
        for step in self.steps:
            if step.kind in ("sale", "issue"):
                need.update(pieces(step))
        short = {sku: n - OPENING for sku, n in need.items() if self.products[sku].goods and n > OPENING}
        return [Step(f"delivery-{sku}", "", "receive", (Item(sku, sku, n, 0, 0),), reason="delivery before opening")
                for sku, n in short.items()]


def worth(items):
    """Pence."""
    return sum(item.quantity * item.price - item.discount for item in items)


def pieces(step):
    """SKU → pieces of a step."""
    count = collections.Counter()
    for item in step.items:
        count[item.sku] += item.quantity
    return count


def moves(step, products):
    """SKU → pieces that the step adds to the shelf."""
    sign = {"sale": -1, "issue": -1}.get(step.kind, 1)
    back = step.kind in ("return", "blind")
    return {sku: sign * n for sku, n in pieces(step).items() if not back or products[sku].goods}


def request(step, ids, sales, products):
    """Path and JSON body of a step. `ids`: SKU → product id; `sales`: key of a sale → its parsed answer."""
    if step.kind in ("receive", "issue", "adjust"):
        item = step.items[0]
        body = {"quantity": item.quantity * 1000, "reason": step.reason}
        return f"/api/v1/inventory/{ids[item.sku]}/{step.kind}", body
    if step.kind == "sale":
        lines = [sale_line(item, products) for item in step.items]
        tendered = -(-step.total // 500) * 500  # the next five-pound note
        cash = [{"method": "cash", "tendered": tendered}]
        return "/api/v1/orders", {"fulfilment": "counter", "lines": lines, "payments": cash}
    refund = {"reason": step.reason, "refund": {"method": "cash"}}
    if step.kind == "return":
        sale = sales[step.of]
        lines = [{"line_id": sale["lines"][item.at]["id"], **back(item, products)} for item in step.items]
        return f"/api/v1/orders/{sale['id']}/returns", {"lines": lines, **refund}
    lines = [{**found(item, products), "unit_price": item.price, "discount": item.discount, **back(item, products)}
             for item in step.items]
    return "/api/v1/returns", {"lines": lines, **refund}


def back(item, products):
    return {"quantity": item.quantity * 1000, "restock": products[item.sku].goods}


def found(item, products):
    """How the till finds the product: goods are scanned as the clerk wrote the code."""
    return {"barcode": item.code} if products[item.sku].goods else {"sku": item.sku}


def sale_line(item, products):
    line = {**found(item, products), "quantity": item.quantity * 1000}
    if item.price != item.usual:
        line |= {"unit_price": item.price, "reason": "given away" if item.price == 0 else "price of the invoice"}
    if item.discount:
        line |= {"discount": item.discount, "reason": "fraction of a penny"}
    return line
