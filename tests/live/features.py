#!/usr/bin/env python3
"""What the older shop systems promised beside their routes, each feature with the test that proves it.

Tried here against a running tilld is what no other live test does: rate limits, locked accounts, security headers,
cross-origin requests, caching, health, logs, metrics, low stock. The table at the end names for every feature where it
is proved; a proof that is not there any more fails.
"""
import json
import re
import sys
import time

import till

ORIGIN, STRANGER = "https://office.example", "https://evil.example"
PER_S, CUSTOMER_PER_S, STRICT_PER_MIN, TRIES = 5, 10, 20, 5
SETTINGS = till.CONFIG | {"limits.public_per_s": PER_S, "limits.customer_per_s": CUSTOMER_PER_S,
                          "limits.strict_per_min": STRICT_PER_MIN, "auth.password_cost": 1,
                          "http.cors_origins": [ORIGIN]}
SECRETS = ("password-canary-7f3a", "1234-5678-canary")  # typed by users, must stand in no line of the log
SECURITY = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer"}
LOGIN, PRODUCTS = "/api/v1/auth/login", "/api/v1/products?limit=1"

PROOFS = (  # feature, what holds, and where that is tried: file, words that stand there
    ("auth", "log-in, refresh, log-out, register, reset, PIN", "tests/contract/samples.py", '@sample("auth.reset")'),
    ("auth", "stolen key, dead and odd tokens", "tests/live/tokens.py", "def once_good"),
    ("auth", "a log-out is felt on every connection", "tests/live/races.py", "def check_logout"),
    ("auth", "wrong passwords lock the account, across restarts", "tests/live/features.py", "def check_lockout"),
    ("RBAC", "every route as every role, and as a stranger's owner", "tests/live/contract.py", "def try_matrix"),
    ("versions", "If-Match on every versioned route", "tests/contract/on_versions.py", "def versions"),
    ("versions", "of 32 writers of one version one wins", "tests/live/races.py", "def race_for_a_row"),
    ("cart", "32 change, fill and check out one cart", "tests/live/order_races.py", "def race_for_a_cart"),
    ("checkout", "a day of a shop, to the penny", "tests/live/store_day.py", "def main"),
    ("checkout", "32 pay one order; pay against cancel", "tests/live/order_races.py", "def race_of_cancel_and_pay"),
    ("checkout", "the older shops' own flows", "tests/live/dialects.py", "def main"),
    ("reservations", "the last piece: sale, order, expiry", "tests/live/order_races.py", "class Expiry"),
    ("low stock", "list, notice and event", "tests/live/features.py", "def check_low_stock"),
    ("rate limits", "by address, by customer, on log-in; not for staff", "tests/live/features.py", "def check_limits"),
    ("idempotency", "replay byte for byte, 422, odd keys", "tests/contract/on_versions.py", "def replays"),
    ("idempotency", "a twin in flight gets the same", "tests/http/pipeline_test.cpp", "32 requests with one key"),
    ("idempotency", "one key 32 times at once", "tests/live/races.py", "def race_for_a_key"),
    ("idempotency", "across kill -9", "tests/live/kills.py", "def check_replays"),
    ("caching", "ETag and 304 on every versioned row", "tests/contract/on_versions.py", "def not_modified"),
    ("caching", "what may be kept, and what not at all", "tests/live/features.py", "def check_caching"),
    ("security", "headers on every kind of answer", "tests/live/features.py", "def check_security"),
    ("security", "cross-origin requests as narrow as set", "tests/live/features.py", "def check_cors"),
    ("security", "hostile heads, bodies and starts", "tests/live/hostile.py", "def check_ranges"),
    ("health", "alive and ready, for anybody, at any rate", "tests/live/features.py", "def check_health"),
    ("logs", "a JSON line a request, with ids, without secrets", "tests/live/features.py", "def check_logs"),
    ("metrics", "counts by route and class, durations, errors", "tests/live/features.py", "def check_metrics"),
    ("events", "a sale shows at another's stream; replay, reset", "tests/live/events.py", "def main"),
    ("Postman", "newman plays the collection", "tests/live/published.py", "def play"),
    ("OpenAPI", "a linter of others; every answer fits", "tests/live/published.py", "def lint"),
)


def burst(client, path, count, **more):
    """Statuses of `count` requests, one after the other, and the last answer of each status."""
    answers = [client.call("GET", path, **more) for _ in range(count)]
    return [answer.status for answer in answers], {answer.status: answer for answer in answers}


def check_limits(report, house, people):
    """Buckets: as many at once as the quota, then 429 until they come back; each caller has his own."""
    time.sleep(2.5)  # so that the bucket of this address is full
    stranger = till.Client(house.port)
    statuses, last = burst(stranger, PRODUCTS, 4 * PER_S)
    report.check(f"limits: a stranger is held up after some {2 * PER_S} of {4 * PER_S}",
                 PER_S <= statuses.count(200) <= 3 * PER_S and set(statuses) == {200, 429}, "200s, then 429s", statuses)
    refused = last.get(429)
    report.check("limits: 429 tells when to come again",
                 refused and refused.json["code"] == "rate_limited" and refused.json["retryable"]
                 and int(refused.headers["retry-after"]) >= 1 and "ratelimit" in refused.headers
                 and "ratelimit-policy" in refused.headers, "Retry-After, RateLimit, RateLimit-Policy",
                 refused and refused.headers)
    report.equal("limits: not for health", {200}, set(burst(stranger, "/healthz", 50)[0]))
    statuses, last = burst(people["customer"], PRODUCTS, 5 * CUSTOMER_PER_S)
    report.check("limits: a customer has a larger bucket of his own",
                 CUSTOMER_PER_S <= statuses.count(200) <= 4 * CUSTOMER_PER_S and 429 in statuses, "200s, then 429s",
                 statuses)
    report.equal("limits: another customer is not held up by that", 200, people["other"].get(PRODUCTS).status)
    report.equal("limits: staff are never held up", {200}, set(burst(people["manager"], PRODUCTS, 100)[0]))
    time.sleep(int(refused.headers["retry-after"]) + 0.1)
    report.equal("limits: after Retry-After the stranger is served again", 200, stranger.get(PRODUCTS).status)
    body = {"email": "nobody@shop.test", "password": "x"}
    statuses = []
    while len(statuses) < STRICT_PER_MIN + 5 and 429 not in statuses[-1:]:
        statuses.append(stranger.call("POST", LOGIN, body | {"email": f"nobody-{len(statuses)}@shop.test"}).status)
    report.check("limits: log-ins a minute from one address, whoever is tried", set(statuses) == {401, 429},
                 "401s, then 429", statuses)


def check_lockout(report, house):
    """Six wrong passwords: the account waits, the right one too, also after a restart; another account does not."""
    stranger = till.Client(house.port)
    wrong = [stranger.call("POST", LOGIN, {"email": till.EMAIL, "password": SECRETS[0]}) for _ in range(TRIES + 1)]
    report.equal(f"lockout: {TRIES} wrong passwords are forgiven", [401] * TRIES, [a.status for a in wrong[:TRIES]])
    right = {"email": till.EMAIL, "password": till.PASSWORD}
    for when in ("", ", after a restart"):
        answer = stranger.call("POST", LOGIN, right)
        report.check(f"lockout: then the right one waits too{when}",
                     answer.status == 429 and answer.json["code"] == "too_many_tries"
                     and "retry-after" in answer.headers, "429 too_many_tries with Retry-After", answer)
        house.stop()
        house.start()
        stranger.close()
    report.equal("lockout: another account is not locked", 200,
                 stranger.call("POST", LOGIN, {"email": "admin@shop.test", "password": till.PASSWORD}).status)


def check_security(report, house, manager):
    """The headers that tell browsers what never to do stand on every answer, an error's too."""
    kinds = {"row": manager.get(PRODUCTS), "401": till.Client(house.port).get("/api/v1/users"),
             "404": manager.get("/nowhere"), "405": manager.call("PUT", "/api/v1/products", b"{}"),
             "400": manager.get("/api/v1/products?colour=red"), "docs": manager.get("/docs"),
             "health": manager.get("/healthz"), "metrics": manager.get("/metrics"),
             "bad head": manager.get("/%zz"), "415": manager.call("POST", "/api/v1/products", b"x")}
    report.none(f"security headers on {len(kinds)} kinds of answers",
                [(kind, name, answer.headers.get(name)) for kind, answer in kinds.items()
                 for name, value in SECURITY.items() if answer.headers.get(name) != value])
    report.none("no answer tells what made it", [kind for kind, answer in kinds.items()
                                                 if {"server", "x-powered-by"} & set(answer.headers)])
    policy = kinds["docs"].headers.get("content-security-policy", "")
    report.check("the page runs nothing", "default-src 'none'" in policy and "script-src" not in policy
                 and b"<script" not in kinds["docs"].body, "default-src 'none', no script", policy)


def check_cors(report, house, manager):
    """Only the origins that are set, never *, no credentials, and all headers that the API speaks of."""
    allowed, other = (manager.call("GET", PRODUCTS, headers={"Origin": origin}) for origin in (ORIGIN, STRANGER))
    report.equal("cross-origin: the one that is set", ORIGIN, allowed.headers.get("access-control-allow-origin"))
    report.equal("cross-origin: no other", None, other.headers.get("access-control-allow-origin"))
    report.equal("cross-origin: caches are told", ("Origin", "Origin"),
                 (allowed.headers.get("vary"), other.headers.get("vary")))
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization"}
    stranger = till.Client(house.port)
    preflight = stranger.call("OPTIONS", "/api/v1/orders", headers=asks)
    spec = manager.get("/api/v1/openapi.json").json
    spoken = {p["name"].lower() for item in spec["paths"].values() for said in item.values()
              for p in said["parameters"] if p["in"] == "header"} | {"authorization", "content-type"}
    named = {name.strip().lower() for name in preflight.headers.get("access-control-allow-headers", "").split(",")}
    report.equal("cross-origin: a preflight without a token", 204, preflight.status)
    report.none("cross-origin: every header of the API may be sent", sorted(spoken - named))
    report.none("cross-origin: never a cookie", [a.headers for a in (allowed, preflight)
                                                if "access-control-allow-credentials" in a.headers])
    asks["Origin"] = STRANGER
    refused = stranger.call("OPTIONS", "/api/v1/orders", headers=asks)
    report.equal("cross-origin: another's preflight gets nothing", None,
                 refused.headers.get("access-control-allow-origin"))


def check_caching(report, manager):
    """A row with a version may be kept if it is asked about each time; all else is not kept at all."""
    made = manager.must(201, "POST", "/api/v1/categories", {"name": "Cups"})
    path = f"/api/v1/categories/{made['id']}"
    first = manager.get(path)
    known = {"If-None-Match": first.headers["etag"]}
    report.equal("caching: a row says for whom and how long", "private, no-cache", first.headers.get("cache-control"))
    report.equal("caching: 304 for the version there is", (304, b""),
                 (lambda a: (a.status, a.body))(manager.call("GET", path, headers=known)))
    for form in (f'W/{known["If-None-Match"]}', f'"1", {known["If-None-Match"]}', "*"):
        report.equal(f"caching: 304 for If-None-Match {form[:6]}…", 304,
                     manager.call("GET", path, headers={"If-None-Match": form}).status)
    manager.must(200, "PATCH", path, {"name": "Mugs"}, headers={"If-Match": first.headers["etag"]})
    report.equal("caching: after a change the row itself", (200, "Mugs"),
                 (lambda a: (a.status, a.json["name"]))(manager.call("GET", path, headers=known)))
    for other in (PRODUCTS, "/api/v1/auth/me/nothing", "/api/v1/journal"):
        report.equal(f"caching: {other.partition('?')[0]} is not kept", "no-store",
                     manager.get(other).headers.get("cache-control"))


def check_health(report, house):
    """Anybody may ask, with any rate; ready says that it can sell."""
    client = till.Client(house.port)
    for path, word in (("/healthz", "alive"), ("/readyz", "ready")):
        answer = client.get(path)
        report.equal(f"health: {path}", (200, {"status": word}), (answer.status, answer.json))
        report.equal(f"health: HEAD {path}", 200, client.call("HEAD", path).status)


def lines_of(house):
    """The log's lines as objects; the last, unfinished one may be missing."""
    return [json.loads(line) for line in house.log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]


def check_logs(report, house, manager):
    """One JSON line a request: who, what, how long, its ids; and nothing of what was typed."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    own = {"X-Request-Id": "order-of-the-day-1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    answer = manager.call("GET", PRODUCTS, headers=own)
    report.equal("logs: the request's id is taken and echoed", own["X-Request-Id"], answer.headers.get("x-request-id"))
    report.check("logs: so is its trace", trace in answer.headers.get("traceparent", ""), trace, answer.headers)
    odd = manager.call("GET", PRODUCTS, headers={"X-Request-Id": "a\tb<script>", "traceparent": "00-0-0-00"})
    report.check("logs: an odd id is replaced", re.fullmatch(r"[0-9a-f-]{36}", odd.headers.get("x-request-id", "")),
                 "one of ours", odd.headers)
    manager.call("GET", f"{PRODUCTS}&q={SECRETS[1]}")
    deadline, found = time.monotonic() + 5, []
    while time.monotonic() < deadline and not found:
        lines = lines_of(house)
        found = [row for row in lines if row.get("request_id") == own["X-Request-Id"]]
        time.sleep(0.05)
    report.equal("logs: one line for it", 1, len(found))
    wanted = {"ts", "level", "msg", "method", "route", "status", "ms", "bytes", "caller", "address", "request_id",
              "trace_id"}
    report.none("logs: with all that is asked of a line", sorted(wanted - set(found[0] if found else [])))
    report.equal("logs: and its trace", trace, found[0].get("trace_id") if found else None)
    text = house.log.read_text(encoding="utf-8")
    typed = [*SECRETS, till.PASSWORD, manager.token, manager.token.split(".")[2]]
    report.none("logs: no password, no token, no search of anybody", [word for word in typed if word in text])


def check_metrics(report, house, manager):
    """Prometheus' text: each line well formed; a request counts under its route and the class of its status."""
    text = till.Client(house.port).get("/metrics").body.decode()
    sample = re.compile(r'[a-zA-Z_:][\w:]*(\{\w+="[^"]*"(,\w+="[^"]*")*\})? (-?[0-9.]+(e[+-]\d+)?|[+-]Inf|NaN)')
    odd = [line for line in text.splitlines() if not line.startswith("#") and not sample.fullmatch(line)]
    report.none("metrics: well formed", odd)
    told = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    wanted = {"till_http_requests_total", "till_http_request_duration_seconds", "till_errors_total", "tilld_wal_kib",
              "tilld_connections", "tilld_writer_jobs"}
    report.none("metrics: the numbers that matter are there", sorted(wanted - told))
    for status, path in ((2, PRODUCTS), (4, "/api/v1/products?colour=red")):
        series = rf'till_http_requests_total\{{route="products.list",status="{status}xx"\}}'
        before = house.counted(series)
        for _ in range(7):
            manager.get(path)
        report.equal(f"metrics: seven more {status}xx of products.list", before + 7, house.counted(series))


def check_low_stock(report, house, manager):
    """Stock that falls below its mark is listed, and those who have to know are told once."""
    tea = manager.must(201, "POST", "/api/v1/products", {
        "name": "Tea", "sku": "TEA", "price": 100, "currency": "GBP", "tax_class": "standard", "unit": "piece",
        "stock": 6000, "low_stock": 5000})
    low = {row["product_id"] for row in manager.pages("/api/v1/inventory?low=true")}
    report.check("low stock: not listed above its mark", tea["id"] not in low, "not there", low)
    for n in range(2):
        manager.must(201, "POST", "/api/v1/orders", {
            "fulfilment": "counter", "lines": [{"sku": "TEA", "quantity": 1000}],
            "payments": [{"method": "cash", "tendered": 100}]}, key=f"low-{n}")
    low = {row["product_id"] for row in manager.pages("/api/v1/inventory?low=true")}
    report.check("low stock: listed below it", tea["id"] in low, tea["id"], low)
    told = [row for row in manager.pages("/api/v1/notifications?kind=stock.low") if row["subject_id"] == tea["id"]]
    report.equal("low stock: told once", 1, len(told))


def check_proofs(report):
    """The table: each feature's proof stands where it is said to stand."""
    missing = []
    for feature, what, place, words in PROOFS:
        path = till.ROOT / place
        if not path.exists() or words not in path.read_text(encoding="utf-8"):
            missing.append((feature, place, words))
        print(f"      {feature:<13} {what:<56} {place}")
    report.none(f"{len({row[0] for row in PROOFS})} features, {len(PROOFS)} proofs, each where it is said", missing)


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with till.Till(args.tilld, SETTINGS) as house:
        house.add_user("admin@shop.test", "admin")
        manager = house.open_with_manager()
        people = {"manager": manager}
        for name in ("customer", "other"):
            house.add_user(f"{name}@shop.test", "customer")
            people[name] = house.login(f"{name}@shop.test")
        check_health(report, house)
        check_security(report, house, manager)
        check_cors(report, house, manager)
        check_caching(report, manager)
        check_low_stock(report, house, manager)
        check_metrics(report, house, manager)
        check_limits(report, house, people)
        check_logs(report, house, manager)
        house.stop()  # the limit of log-ins a minute is in memory, the wrong tries are not
        house.start()
        check_lockout(report, house)
        report.equal("stop: exit code", 0, house.stop())
    check_proofs(report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
