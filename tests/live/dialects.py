#!/usr/bin/env python3
"""The older shop systems' clients against a real tilld: each system's flow as a curl script (tests/live/flows), from
registering to the last look at an order, and every documented route (tests/api/dialects/routes.tsv) somewhere in it.

A row of the table that no flow walks with success fails the test. Beside the flows: what a dialect's client and a
canonical one see of each other, doubled requests, and that a dialect can be switched off.
"""
import os
import subprocess
import sys
import threading

import till

FLOWS = till.ROOT / "tests/live/flows"
ROUTES = till.ROOT / "tests/api/dialects/routes.tsv"
ADMIN, ADMIN_PASSWORD = "admin@shop.test", "the keeper of the keys 1843"
CONFIG = {"payments.mode": "test", "limits.public_per_s": 0, "limits.customer_per_s": 0, "limits.strict_per_min": 0,
          "auth.password_cost": 1}
# What a customer would find in his mail.
MAIL = ("import sqlite3, sys; "
        "print(sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)"
        ".execute('SELECT secret FROM notices WHERE secret > \"\" ORDER BY row DESC').fetchone()[0])")


def documented():
    """(system, method, path) of each row."""
    lines = ROUTES.read_text().splitlines()[1:]
    return [(cells[0], cells[2], cells[3]) for cells in (line.split("\t") for line in lines)]


def run_flow(report, shop, system):
    """Counts the checks of one script. → the rows it walked"""
    mail = shop.home / "mail"
    mail.write_text(f"#!/bin/sh\nexec {sys.executable} -c \"$(cat <<'END'\n{MAIL}\nEND\n)\" {shop.database}\n")
    mail.chmod(0o755)
    env = {**os.environ, "BASE": f"http://127.0.0.1:{shop.port}", "ADMIN_EMAIL": ADMIN,
           "ADMIN_PASSWORD": ADMIN_PASSWORD, "MAIL": str(mail)}
    done = subprocess.run([FLOWS / f"{system}.sh"], env=env, capture_output=True, text=True, timeout=300, check=False)
    lines = done.stdout.splitlines()
    wrong = [line for line in lines if line.startswith("FAIL")] + done.stderr.splitlines()
    report.none(f"flow of system {system}: {len(lines)} checks", wrong)
    report.equal(f"flow of system {system} came to its end", 0, done.returncode)
    return {(system, *line.split()[1:]) for line in lines if line.startswith("row ")}


def login(shop, path="/auth/login", email=ADMIN, password=ADMIN_PASSWORD):
    client = till.Client(shop.port)
    answer = client.call("POST", path, {"email": email, "password": password})
    client.token = answer.json["token"] if path == "/auth/login" else answer.json["data"]["accessToken"]
    return client


def try_neighbours(report, shop):
    """Both dialects and the canonical API show one row, each in its way; a version is good in all three."""
    admin = login(shop)
    made = admin.call("POST", "/products", {"name": "Bell", "price": 0.29, "stock": 3}).json
    canonical = admin.get(f"/api/v1/products/{made['id']}").json
    v1 = admin.get(f"/v1/product/getproduct/{made['id']}").json["data"]
    report.equal("the price in three languages", (0.29, 29, 0.29), (made["price"], canonical["price"], v1["price"]))
    report.equal("the stock in three languages", (3, 3000, 3), (made["stock"], canonical["available"], v1["stock"]))
    changed = admin.call("PATCH", f"/api/v1/products/{made['id']}", {"name": "Gong"},
                         headers={"If-Match": f'"{v1["version"]}"'})
    report.equal("v1's version is good in the canonical API", 200, changed.status)
    stale = admin.call("PUT", f"/products/{made['id']}", {"price": 5}, headers={"If-Match": f'"{made["version"]}"'})
    report.equal("an old version in If-Match is refused", (412, "Gong"), (stale.status, stale.json["current"]["name"]))
    bells = admin.call("POST", "/v1/product/createcategory", {"name": "Bells"}).json["data"]
    path = f"/v1/product/getcategory/{bells['id']}"
    known = admin.call("GET", path, headers={"If-None-Match": admin.get(path).headers["etag"]})
    report.equal("a row that is known is not sent again", (304, b""), (known.status, known.body))


def try_doubles(report, shop):
    """Who clicks twice gets one order and pays it once, also without a key; with one he gets the same answer."""
    admin = login(shop)
    bell = admin.call("POST", "/products", {"name": "Chime", "price": 12, "stock": 50}).json["id"]
    line = {"productId": bell, "quantity": 1}
    client = till.Client(shop.port)
    client.token = client.call("POST", "/auth/register", {
        "name": "Hal", "email": "hal@shop.test", "password": till.PASSWORD}).json["token"]
    client.call("POST", "/cart", line)
    statuses = at_once(shop, client.token, 8, "POST", "/order/checkout")
    report.equal("one of eight checkouts of one cart", [201] + [409] * 7, statuses)
    order = client.get("/order").json
    report.equal("one order came of it", 1, len(order))
    payment = {"orderId": order[0]["id"], "token": "pm_card_visa"}
    statuses = at_once(shop, client.token, 8, "POST", "/payment", payment)
    report.equal("one of eight payments of one order", [201] + [409] * 7, statuses)

    first, second, other = (client.call("POST", "/orders", {"items": [line], "note": note}, key="once")
                            for note in ("a", "a", "b"))
    report.equal("a repeated key gets the same answer", (201, first.body), (second.status, second.body))
    report.equal("and says so", "true", second.headers.get("idempotent-replayed"))
    report.equal("the same key for another body", 422, other.status)
    report.equal("two orders in all", 2, len(client.get("/orders").json))


def at_once(shop, token, count, *request):
    """The statuses of the same request sent by so many clients together, sorted."""
    statuses = []
    barrier = threading.Barrier(count)

    def send():
        client = till.Client(shop.port, token)
        barrier.wait()
        statuses.append(client.call(*request).status)
        client.close()

    threads = [threading.Thread(target=send) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def try_refusals(report, shop):
    """What is refused before a handler runs speaks the dialect, too."""
    client = till.Client(shop.port)
    for path, has in (("/v1/users/getusers", True), ("/orders", False)):
        answer = client.get(path)
        report.equal(f"GET {path} without a token", (401, has), (answer.status, "statusCode" in answer.json))
    client.token = "forged"
    report.equal("a forged token, on a public route too", 401, client.get("/products").status)
    client.token = ""
    answer = client.call("POST", "/v1/auth/login", b"{", headers={"Content-Type": "application/json"})
    report.equal("a body that is no JSON", (400, 400), (answer.status, answer.json["statusCode"]))
    answer = client.call("POST", "/v1/auth/login", b"a=b", headers={"Content-Type": "text/plain"})
    report.equal("a body of another type", (415, 415), (answer.status, answer.json["statusCode"]))
    report.equal("an unknown parameter is ignored", 200, client.get("/products?colour=red&colour=blue").status)


def try_switches(report, tilld):
    """Each dialect goes by its setting; what self-registration may ask for, by auth.open_roles."""
    with till.Till(tilld, {**CONFIG, "dialects.classic": False, "auth.open_roles": True}) as shop:
        shop.start()
        client = till.Client(shop.port)
        report.equal("classic is switched off", 404, client.get("/products").status)
        report.equal("v1 is not", 200, client.get("/v1/product/getproducts").status)
        answer = client.call("POST", "/v1/auth/signup", {"username": "Ivy", "email": "ivy@shop.test",
                                                          "password": till.PASSWORD, "role": "INVENTORY_MANAGER"})
        report.equal("with open roles one may register as staff", (201, "INVENTORY_MANAGER"),
                     (answer.status, answer.json["data"]["user"]["role"]))
    with till.Till(tilld, {**CONFIG, "dialects.v1": False}) as shop:
        shop.start()
        client = till.Client(shop.port)
        report.equal("v1 is switched off", 404, client.get("/v1/product/getproducts").status)
        report.equal("classic is not", 200, client.get("/products").status)


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    walked = set()
    rows = documented()
    for system in sorted({row[0] for row in rows}):
        with till.Till(args.tilld, CONFIG) as shop:  # each of its own: a flow looks at whole lists
            shop.add_user(ADMIN, "admin", ADMIN_PASSWORD)
            shop.start()
            walked |= run_flow(report, shop, system)
    missing = [" ".join(row) for row in rows if row not in walked]
    report.none(f"{len(rows) - len(missing)} of {len(rows)} documented routes answer", missing)
    with till.Till(args.tilld, CONFIG) as shop:
        shop.add_user(ADMIN, "admin", ADMIN_PASSWORD)
        shop.start()
        try_neighbours(report, shop)
        try_doubles(report, shop)
        try_refusals(report, shop)
    try_switches(report, args.tilld)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
