"""One valid request for every operation of the API: a function that makes what the request needs, then says it.

`sample("products.change")` → function(world, who) → Ask. `who` is on whose behalf things are made: their owner, where a
route shows own rows only. Everything is made anew, so that each sample can be sent once as it stands.
"""
import contextlib
import dataclasses
import json
import sqlite3
import time
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


samples("products.list", "categories.list", "categories.tree", "products.export", "inventory.list", "imports.list")
SAMPLES["products.create"] = lambda world, who: Ask(new_product(world))
SAMPLES["categories.create"] = lambda world, who: Ask({"name": f"Cups {next(world.numbers)}"})
of_a(product, "products.get", "products.history", "products.remove")
of_a(product, "products.change", changed={"name": "Green tea"})
of_a(category, "categories.get", "categories.remove")
of_a(category, "categories.change", changed={"name": "Cold drinks"})
SAMPLES["categories.by_slug"] = lambda world, who: Ask(ids={"slug": category(world)["slug"]})
of_a(product, "inventory.get", "inventory.movements", param="product_id")
SAMPLES["products.by_barcode"] = lambda world, who: Ask(ids={"code": product(world)["barcodes"][0]})
SAMPLES["products.by_sku"] = lambda world, who: Ask(ids={"sku": product(world)["sku"]})
SAMPLES["products.by_slug"] = lambda world, who: Ask(ids={"slug": product(world)["slug"]})


@sample("inventory.receive")
@sample("inventory.issue")
@sample("inventory.adjust")
@sample("inventory.count")
@sample("inventory.transfer_in")
@sample("inventory.transfer_out")
def book_stock(world, who):
    return Ask({"quantity": 2000, "reason": "as it was found"}, {"product_id": product(world)["id"]})


CSV = b"sku,name,barcodes,price,tax_class,description,category,unit,stock\nA-%d,Apple,,1.20,standard,,Fruit,piece,3\n"


def an_import(world, who=None):
    """One that has been done."""
    job = world.manager.must(202, "POST", "/products/imports", CSV % next(world.numbers),
                             headers={"Content-Type": "text/csv"})
    while job["status"] in ("QUEUED", "RUNNING"):
        time.sleep(0.01)
        job = world.manager.must(200, "GET", f"/products/imports/{job['id']}")
    return job


SAMPLES["imports.create"] = lambda world, who: Ask(CSV % next(world.numbers))
of_a(an_import, "imports.get", "imports.rows")


def held_back(world, who=None):
    """A product some of which is held back by hand. → the reservation"""
    path = f"/inventory/{product(world)['id']}/reserve"
    return world.manager.must(201, "POST", path, {"quantity": 2000, "reason": "for the fair"}, key=world.key())


samples("reservations.list")
of_a(held_back, "reservations.remove")


@sample("reservations.create")
def hold_back(world, who):
    return Ask({"quantity": 2000, "reason": "for the fair", "minutes": 5}, {"product_id": product(world)["id"]})


@sample("reservations.release")
def let_go(world, who):
    return Ask({"quantity": 1000}, {"product_id": held_back(world)["product_id"]})


# ---- carts -------------------------------------------------------------------------------------------------------

# The path names a product, which is nobody's own: everybody has a cart that it may lie in.
OF_EVERYBODY = {"cart.set", "cart.take_out"}
# Customers' rows that a cashier sees, too, and those above him; all others are their owner's alone.
SHOWN_TO_CASHIERS = {"orders.get", "orders.pay", "orders.cancel", "shipments.get", "addresses.get"}


def in_cart(world, who):
    """One product in an otherwise empty cart. → (cart, product)"""
    cart = who.must(200, "GET", "/cart")
    if cart["lines"]:
        who.must(200, "DELETE", "/cart", headers={"If-Match": f'"{cart["version"]}"'})
    tea = product(world)
    return who.must(200, "POST", "/cart/lines", {"product_id": tea["id"], "quantity": 2000}), tea


def parked(world, who):
    in_cart(world, who)
    return who.must(200, "POST", "/cart/park", {"name": f"basket {next(world.numbers)}"})


of_a(parked, "cart.resume", "cart.discard")


@sample("cart.get")
def get_cart(world, who):
    cart, tea = in_cart(world, who)
    return Ask(secret=(tea["id"],))


@sample("cart.parked")
def list_parked(world, who):
    return Ask(secret=(parked(world, who)["id"],))


@sample("cart.add")
def add_to_cart(world, who):
    return Ask({"product_id": product(world)["id"], "quantity": 1000})


@sample("cart.take_out")
@sample("cart.clear")
def take_out(world, who):
    cart, tea = in_cart(world, who)
    return Ask(ids={"product_id": tea["id"]}, version=cart["version"])


@sample("cart.set")
def set_quantity(world, who):
    return take_out(world, who).but(body={"quantity": 3000})


@sample("cart.park")
def park(world, who):
    in_cart(world, who)
    return Ask({"name": f"basket {next(world.numbers)}"})


# ---- orders ------------------------------------------------------------------------------------------------------

def sale(world, **change):
    return {"fulfilment": "counter", "lines": [{"product_id": product(world)["id"], "quantity": 2000}],
            "payments": [{"method": "cash", "tendered": 5000}]} | change


def sold(world, who=None):
    return world.cashier.must(201, "POST", "/orders", sale(world), key=world.key())


def all_back(order):
    return {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1000, "restock": True}],
            "reason": "changed my mind", "refund": {"method": "cash"}}


ADDRESS = {"full_name": "Ann Other", "phone": "+44 20 7946 0000", "street": "1 High Street", "city": "London",
           "state": "", "postal_code": "N1 1AA", "country": "GB"}
CARD = {"payments": [{"method": "card", "token": "pm_card_visa"}]}


def placed(world, who, **change):
    """An order for pickup that waits to be paid."""
    lines = [{"product_id": product(world)["id"], "quantity": 2000}]
    return who.must(201, "POST", "/orders", {"fulfilment": "pickup", "lines": lines} | change, key=world.key())


def shipment(world, who):
    order = placed(world, who, fulfilment="delivery", address=ADDRESS, **CARD)
    return world.manager.must(200, "GET", f"/shipments/{order['shipment_id']}")


samples("journal.list", "journal.verify", "notifications.list")
SAMPLES["orders.create"] = lambda world, who: Ask(sale(world, fulfilment="pickup", payments=[]))
SAMPLES["orders.list"] = lambda world, who: Ask(secret=(placed(world, who)["id"],))
SAMPLES["shipments.list"] = lambda world, who: Ask(secret=(shipment(world, who)["id"],))
of_a(placed, "orders.get")
of_a(placed, "orders.cancel", changed={"reason": "changed my mind"})
of_a(placed, "orders.pay", changed=CARD)
of_a(sold, "orders.void", changed={"reason": "a slip"})
of_a(lambda world, who: placed(world, who, **CARD), "orders.step", changed={"status": "COMPLETED"})
of_a(shipment, "shipments.get")
of_a(shipment, "shipments.change", changed={"carrier": "Royal Mail", "tracking_number": "GB-1"})


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


def address(world, who):
    return who.must(201, "POST", "/addresses", ADDRESS)


def new_till(world, who=None):
    return world.manager.must(201, "POST", "/tills", {"name": f"Till {next(world.numbers)}"})


def till_token(world):
    code = new_till(world)["pairing_code"]
    return {"Till-Token": world.nobody.must(201, "POST", "/tills/pair", {"code": code})["till_token"]}


samples("auth.me", "auth.sessions", "users.list", "audit.list", "tills.list", "config.get", "events.stream",
        "users.get_own")
of_a(address, "addresses.get", "addresses.remove")
of_a(address, "addresses.change", changed={"city": "Leeds"})
of_a(lambda world, who: new_till(world)["till"], "tills.code", "tills.revoke")
of_a(lambda world, who: new_till(world)["till"], "tills.change", changed={"name": "Front"})
SAMPLES["addresses.create"] = lambda world, who: Ask(dict(ADDRESS))
SAMPLES["addresses.list"] = lambda world, who: Ask(secret=(address(world, who)["id"],))
SAMPLES["tills.create"] = lambda world, who: Ask({"name": f"Till {next(world.numbers)}"})
SAMPLES["tills.pair"] = lambda world, who: Ask({"code": new_till(world)["pairing_code"]})
SAMPLES["tills.current"] = lambda world, who: Ask(headers=till_token(world))
PIN, NEW_PASSWORD = "27182", "a shop in the sun 1844"


@sample("users.change_own")
def change_own(world, who):
    return Ask({"name": f"Ann {next(world.numbers)}"}, version=who.must(200, "GET", "/users/me")["version"])


@sample("users.erase_own")
def erase_own(world, who):
    return change_own(world, who).but(body={"password": who.password}, new_user=True)


@sample("auth.set_pin")
def set_pin(world, who):
    return Ask({"password": who.password, "pin": PIN})


@sample("auth.remove_pin")
def remove_pin(world, who):
    who.must(204, "PUT", "/auth/pin", set_pin(world, who).body)
    return Ask()


@sample("auth.pin")
def pin_log_in(world, who):
    clerk = world.newcomer("cashier")
    remove_pin(world, clerk)
    return Ask({"user_id": clerk.user["id"], "pin": PIN}, headers=till_token(world))


@sample("auth.register")
def register(world, who):
    return Ask({"email": f"new-{next(world.numbers)}@shop.test", "name": "New", "password": till.PASSWORD})


@sample("auth.forgot")
def forget(world, who):
    return Ask({"email": who.email})


@sample("auth.reset")
def reset(world, who):
    """The token is told to nobody but its owner, by mail: here it is read out of a backup."""
    world.nobody.must(202, "POST", "/auth/forgot", {"email": world.newcomer("customer").email})
    copy = str(world.house.home / f"copy-{next(world.numbers)}.db")
    world.operator.must(201, "POST", "/system/backup", {"path": copy})
    with contextlib.closing(sqlite3.connect(copy)) as database:
        token, = database.execute("SELECT secret FROM notices WHERE secret <> '' ORDER BY row DESC").fetchone()
    return Ask({"token": token, "new_password": NEW_PASSWORD})


samples("auth.logout", again=True)
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

samples("sync.status", "sync.conflicts", "sync.verify", "docs.openapi", "docs.page", "docs.postman", "ops.alive",
        "ops.ready", "ops.metrics")
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
