"""One valid request for every operation of the API: a function that makes what the request needs, then says it.

`sample("products.change")` → function(world, who) → Ask. `who` is on whose behalf things are made: their owner, where a
route shows own rows only. Everything is made anew, so that each sample can be sent once as it stands.
"""
import dataclasses
import json
import typing
import uuid

import till
from world import FIRST_ADMIN

SAMPLES = {}


@dataclasses.dataclass
class Ask:
    """A request without its method and path; what is None stays away."""
    body: typing.Any = None
    ids: dict = dataclasses.field(default_factory=dict)  # of the path's parameters
    query: dict = dataclasses.field(default_factory=dict)
    version: typing.Any = None  # If-Match
    key: typing.Any = None  # Idempotency-Key; None: a new one, "": none
    headers: dict = dataclasses.field(default_factory=dict)
    method: str = ""  # another than the operation's
    again: bool = False  # it ends the session it is sent with, so each caller takes a new one
    new_user: bool = False  # it changes who sends it, so each caller is a new user of his role
    secret: tuple = ()  # what only its owner and staff may see

    def but(self, **change):
        return dataclasses.replace(self, **change)


def sample(name):
    def keep(function):
        SAMPLES[name] = function
        return function
    return keep


def samples(*names, **parts):
    """The same plain request for several operations."""
    for name in names:
        SAMPLES[name] = lambda world, who: Ask(**parts)


def of_a(thing, *names, changed=None, param="id"):
    """Requests about a new row that `thing(world, who)` makes, on its version; `changed` is the body."""
    for name in names:
        def ask(world, who):
            row = thing(world, who)
            return Ask(changed, {param: row["id"]}, version=row.get("version"), secret=(row["id"],))
        SAMPLES[name] = ask


# ---- catalogue ---------------------------------------------------------------------------------------------------

def new_product(world, **change):
    n = next(world.numbers)
    return {"name": f"Tea {n}", "sku": f"TEA-{n}", "barcodes": [f"T{n}"], "price": 1250, "currency": "GBP",
            "tax_class": "standard", "description": "loose leaves", "category_ids": [], "unit": "piece",
            "stock": 100_000} | change


def product(world, who=None, **change):
    return world.manager.must(201, "POST", "/products", new_product(world, **change))


def category(world, who=None, **change):
    return world.manager.must(201, "POST", "/categories", {"name": f"Drinks {next(world.numbers)}"} | change)


samples("products.list", "categories.list", "products.export", "inventory.list", "imports.list")
SAMPLES["products.create"] = lambda world, who: Ask(new_product(world))
SAMPLES["categories.create"] = lambda world, who: Ask({"name": f"Cups {next(world.numbers)}"})
of_a(product, "products.get", "products.history", "products.remove")
of_a(product, "products.change", changed={"name": "Green tea"})
of_a(category, "categories.get", "categories.remove")
of_a(category, "categories.change", changed={"name": "Cold drinks"})
of_a(product, "inventory.get", "inventory.movements", param="product_id")
SAMPLES["products.by_barcode"] = lambda world, who: Ask(ids={"code": product(world)["barcodes"][0]})
SAMPLES["products.by_sku"] = lambda world, who: Ask(ids={"sku": product(world)["sku"]})
SAMPLES["products.by_slug"] = lambda world, who: Ask(ids={"slug": product(world)["slug"]})


@sample("inventory.receive")
@sample("inventory.issue")
@sample("inventory.adjust")
@sample("inventory.count")
def book_stock(world, who):
    return Ask({"quantity": 2000, "reason": "as it was found"}, {"product_id": product(world)["id"]})


CSV = b"sku,name,barcodes,price,tax_class,description,category,unit,stock\nA-%d,Apple,,1.20,standard,,Fruit,piece,3\n"


def an_import(world, who=None):
    return world.manager.must(202, "POST", "/products/imports", CSV % next(world.numbers),
                              headers={"Content-Type": "text/csv"})


SAMPLES["imports.create"] = lambda world, who: Ask(CSV % next(world.numbers))
of_a(an_import, "imports.get", "imports.rows")


# ---- orders ------------------------------------------------------------------------------------------------------

def sale(world, **change):
    return {"fulfilment": "counter", "lines": [{"product_id": product(world)["id"], "quantity": 2000}],
            "payments": [{"method": "cash", "tendered": 5000}]} | change


def sold(world, who=None):
    return world.cashier.must(201, "POST", "/orders", sale(world), key=world.key())


def all_back(order):
    return {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1000, "restock": True}],
            "reason": "changed my mind", "refund": {"method": "cash"}}


SAMPLES["orders.sell"] = lambda world, who: Ask(sale(world))
samples("orders.list", "journal.list", "journal.verify")
of_a(sold, "orders.get")
of_a(sold, "orders.void", changed={"reason": "a slip"})


@sample("orders.return")
def take_back(world, who):
    order = sold(world)
    return Ask(all_back(order), {"id": order["id"]})


@sample("returns.blind")
def take_back_blind(world, who):
    lines = [{"product_id": product(world)["id"], "quantity": 1000, "unit_price": 1250, "restock": True}]
    return Ask({"lines": lines, "reason": "no receipt", "refund": {"method": "cash"}})


# ---- access ------------------------------------------------------------------------------------------------------

def user(world, who=None, role="customer"):
    return world.newcomer(role).user


samples("auth.me", "auth.sessions", "users.list", "audit.list")
samples("auth.logout", again=True)
NEW_PASSWORD = "a shop in the sun 1844"
SAMPLES["auth.password"] = lambda world, who: Ask({"old_password": who.password, "new_password": NEW_PASSWORD},
                                                  new_user=True)
of_a(user, "users.get", "users.deactivate")
of_a(user, "users.change", changed={"name": "Other"})
of_a(user, "users.set_password", changed={"password": NEW_PASSWORD})


@sample("users.create")
def create_user(world, who):
    return Ask({"email": f"new-{next(world.numbers)}@shop.test", "name": "New", "role": "cashier",
                "password": till.PASSWORD})


@sample("auth.login")
def log_in(world, who):
    return Ask({"email": who.email, "password": who.password})


@sample("auth.refresh")
def refresh(world, who):
    answer = world.nobody.must(200, "POST", "/auth/login", {"email": who.email, "password": who.password})
    return Ask({"refresh_token": answer["refresh_token"]})


@sample("auth.end_session")
def end_session(world, who):
    known = {row["id"] for row in who.must(200, "GET", "/auth/sessions")["items"]}
    world.again(who)
    now = {row["id"] for row in who.must(200, "GET", "/auth/sessions")["items"]}
    made = (now - known).pop()
    return Ask(ids={"id": made}, secret=(made,))


# ---- the house itself --------------------------------------------------------------------------------------------

samples("sync.status", "sync.conflicts", "sync.verify", "docs.openapi", "docs.page", "ops.alive", "ops.ready",
        "ops.metrics")
SAMPLES["system.backup"] = lambda world, who: Ask({"path": str(world.house.home / f"copy-{next(world.numbers)}.db")})


def prepared(world, operation, who):
    """A fresh sample, and who sends it: `who`, or one like him if it ends his session or changes his password."""
    ask = SAMPLES[operation.name](world, who)
    if not ask.again and not ask.new_user:
        return who, ask
    who = world.again(who) if ask.again or who.email == FIRST_ADMIN else world.newcomer(who.role)
    return who, SAMPLES[operation.name](world, who)


def unknown_ids(operation):
    """Path parameters that name nothing."""
    return {name: str(uuid.uuid4()) for name in operation.path_parameters}


def as_json(body):
    return json.dumps(body).encode()
