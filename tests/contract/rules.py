"""The rules that hold for every route of which they speak (20-api, Contract), one function each.

A rule is a generator over (world, operation): it sends requests and yields what is wrong, as texts. `try_all` asks each
rule about each operation it concerns and reports one line a rule. All requests but the last are refused by the rule, so
one sample serves several of them.
"""
import json

from samples import Ask, as_json, prepared, unknown_ids

RULES = []  # (what, concerns(operation), rule)
KEY_ODDITIES = ("", "a" * 65, "a b", "k\u00e4se", "a\tb", "\u2713")
BODY_ODDITIES = (b"", b"[]", b"null", b"5", b'"x"', b"{", b'{"a":1,"a":1}', b"{} {}", b'"\xff"', b"{} // x", b"NaN",
                 b'{"a":' * 33 + b"1" + b"}" * 33, b"[" * 100_000)
MEDIA_ODDITIES = ("text/plain", "application/x-www-form-urlencoded", "application/xml", "image/png",
                  "application/jsonp", "multipart/form-data; boundary=x", "application/json; charset=latin1")
LIVE = ("products.get", "cart.get")  # show stock and prices of now, which have no part in the row's version
ODD_IDS = ("x", "0", "-1", "1 or 1=1", "..%2f..", "%00", "a" * 300, "00000000-0000-0000-0000-00000000000g")


def rule(what, concerns):
    def keep(function):
        RULES.append((what, concerns, function))
        return function
    return keep


def try_all(report, shop, operations):
    for what, concerns, check in RULES:
        concerned = [operation for operation in operations if concerns(operation)]
        wrong = [f"{operation.name}: {fault}" for operation in concerned for fault in check(shop, operation)]
        report.none(f"{what}: {len(concerned)} routes", wrong)


class Try:
    """Sends a fresh sample, with changes, as the lowest role that may; yields a fault unless the answer is as told."""

    def __init__(self, shop, operation):
        self.shop, self.operation, self.who = shop, operation, shop.lowest(operation)
        self.ask = self.fresh()

    def fresh(self):
        self.who, ask = prepared(self.shop, self.operation, self.who)
        return ask

    def send(self, ask=None, **change):
        return self.shop.send(self.operation, ask or self.ask, self.who, **change)

    def fault(self, what, status, code=None, pointer=None, **change):
        """None, or what is wrong with the answer to the changed sample."""
        answer = self.send(**change)
        if answer.status != status:
            return f"{what}: {status} expected, got {answer}"
        if code and answer.json["code"] != code:
            return f"{what}: code {code} expected, got {answer}"
        if pointer and pointer not in pointers(answer):
            return f"{what}: {pointer} expected, got {answer}"
        return None


def pointers(answer):
    return [error["pointer"] for error in answer.json.get("errors", [])]


def faults(*found):
    return [fault for fault in found if fault]


# ---- query and path ----------------------------------------------------------------------------------------------

@rule("a parameter that the route does not know is 400", lambda o: True)
def unknown_query(shop, operation):
    attempt = Try(shop, operation)
    yield from faults(attempt.fault("?colour", 400, "bad_query", "?colour", query={"colour": "red"}))


@rule("a parameter that comes twice is 400", lambda o: o.query)
def doubled_query(shop, operation):
    attempt = Try(shop, operation)
    for name in operation.query:
        yield from faults(attempt.fault(name, 400, "bad_query", f"?{name}", query=[(name, "1"), (name, "1")]))


@rule("limit is 1 to 200, a cursor is one of the list's own", lambda o: o.is_list)
def odd_pages(shop, operation):
    attempt = Try(shop, operation)
    odd = {"limit": ("0", "201", "-1", "x", "", "1.5", "+5", "9" * 20),
           "cursor": ("", "x", "MA", "LTE", "AAAA", "5", "a=b&c")}
    for name, values in odd.items():
        for value in values:
            yield from faults(attempt.fault(f"{name}={value!r}", 400, pointer=f"?{name}", query={name: value}))
    for good in ("1", "200"):
        yield from faults(attempt.fault(f"limit={good}", operation.ok, query={"limit": good}))


@rule("what the path names is not there: 404", lambda o: o.path_parameters)
def unknown_things(shop, operation):
    attempt = Try(shop, operation)
    yield from faults(attempt.fault("an id of nothing", 404, ids=unknown_ids(operation)))
    for odd in ODD_IDS:
        answer = attempt.send(ids=dict.fromkeys(operation.path_parameters, odd.replace(" ", "%20")))
        if answer.status not in (400, 404):
            yield f"{odd!r}: 400 or 404 expected, got {answer}"


# ---- If-Match ----------------------------------------------------------------------------------------------------

@rule("a change without a version is 428, of an old one 412 with the row, of an odd one 400", lambda o: o.versioned)
def versions(shop, operation):
    attempt = Try(shop, operation)
    right = attempt.ask.version
    yield from faults(attempt.fault("none", 428, "version_required", version=None, headers={}),
                      attempt.fault("odd", 400, headers={"If-Match": "x"}),
                      attempt.fault("weak", 400, headers={"If-Match": f'W/"{right}"'}))
    for stale in (0, right + 1, right - 1, 2**62):
        answer = attempt.send(version=stale)
        current = answer.json.get("current", {})
        if answer.status != 412 or current.get("version") != right or answer.headers.get("etag") != f'"{right}"':
            yield f"version {stale} of {right}: 412 with the row expected, got {answer}"
    if operation.method == "PATCH":
        body = dict(attempt.ask.body)
        for version, status in ((right + 1, 412), (str(right), 400), (right, operation.ok)):
            yield from faults(attempt.fault(f"version {version!r} of {right} in the body", status, version=None,
                                            body=body | {"version": version}))
        attempt.ask = attempt.fresh()
    yield from faults(attempt.fault("the right one", operation.ok))
    answer = attempt.send()
    if answer.status not in (404, 412) and not attempt.ask.new_user:
        yield f"the right one again: 412 or 404 expected, got {answer}"


@rule("If-None-Match of the version there is: 304 without a body", lambda o: o.has_etag and o.name not in LIVE)
def not_modified(shop, operation):
    attempt = Try(shop, operation)
    first = attempt.send()
    again = attempt.send(headers={"If-None-Match": first.headers.get("etag", "")})
    other = attempt.send(headers={"If-None-Match": '"0"'})
    if (again.status, again.body, again.headers.get("etag")) != (304, b"", first.headers.get("etag")):
        yield f"304 expected, got {again}"
    if other.status != 200 or other.body != first.body:
        yield f"another version: 200 expected, got {other}"


# ---- Idempotency-Key ---------------------------------------------------------------------------------------------

@rule("an odd key is 400, and so is none where one is needed", lambda o: o.once != "no")
def odd_keys(shop, operation):
    attempt = Try(shop, operation)
    for odd in KEY_ODDITIES:
        answer = attempt.send(key="", headers={"Idempotency-Key": odd.encode("utf-8")})
        if answer.status != 400 or answer.json["code"] != "bad_idempotency_key":
            yield f"key {odd!r}: 400 expected, got {answer}"
    if operation.once == "required":
        yield from faults(attempt.fault("no key", 400, "idempotency_key_required", key=""))
    else:
        yield from faults(attempt.fault("no key", operation.ok, key=""))


@rule("the same key and body: the same bytes, marked as replayed; another body: 422", lambda o: o.once != "no")
def replays(shop, operation):
    attempt, key = Try(shop, operation), shop.key()
    first, second = attempt.send(key=key), attempt.send(key=key)
    if first.status != operation.ok or "idempotent-replayed" in first.headers:
        yield f"first: {operation.ok} expected, got {first}"
    if (second.status, second.body) != (first.status, first.body):
        yield f"replay: the bytes of {first} expected, got {second}"
    if second.headers.get("idempotent-replayed") != "true":
        yield f"replay: not marked, {second.headers}"
    for name in ("location", "etag"):
        if first.headers.get(name) != second.headers.get(name):
            yield f"replay: {name} {first.headers.get(name)} became {second.headers.get(name)}"
    if operation.body:
        yield from faults(attempt.fault("other body", 422, key=key, body=as_json(attempt.ask.body) + b" "))


# ---- bodies ------------------------------------------------------------------------------------------------------

def typed_wrong(schema):
    """A value that no member of this kind takes."""
    kind = json.dumps(schema)
    return "text" if '"object"' in kind and '"array"' not in kind else {}


@rule("an unknown key in the body is 400 with its pointer", lambda o: o.body)
def unknown_keys(shop, operation):
    attempt = Try(shop, operation)
    body = dict(attempt.ask.body or {}) | {"colour": 1, "is_admin": True}
    for pointer in ("/colour", "/is_admin"):
        yield from faults(attempt.fault("unknown key", 400, "invalid_body", pointer, body=body))


@rule("all faults of a body at once, each with its pointer", lambda o: o.body)
def all_at_once(shop, operation):
    attempt, schema = Try(shop, operation), operation.body
    odd = {name: typed_wrong(said) for name, said in schema.get("properties", {}).items()}
    told = set(pointers(attempt.send(body=odd | {"colour": 1})))
    if missing := {f"/{name}" for name in [*odd, "colour"]} - told:
        yield f"every member of the wrong type: nothing said of {sorted(missing)}"
    if required := schema.get("required"):
        told = set(pointers(attempt.send(body={})))
        if missing := {f"/{name}" for name in required} - told:
            yield f"nothing given: nothing said of {sorted(missing)}"


@rule("what is no JSON object is 400", lambda o: o.body)
def odd_bodies(shop, operation):
    attempt = Try(shop, operation)
    for odd in BODY_ODDITIES:
        headers = {"Content-Type": "application/json"}
        yield from faults(attempt.fault(f"{odd[:20]!r}", 400, body=odd, headers=headers))


@rule("what does not come as the document says is 415", lambda o: o.body or o.upload)
def odd_media(shop, operation):
    attempt = Try(shop, operation)
    for odd in MEDIA_ODDITIES:
        yield from faults(attempt.fault(odd, 415, body=b'{"a":1}', headers={"Content-Type": odd}))


@rule("a body above its limit is 413, on its head", lambda o: o.max_bytes)
def large_bodies(shop, operation):
    attempt = Try(shop, operation)
    for size in (operation.max_bytes + 1, 2**40):
        headers = {"Content-Type": operation.upload or "application/json", "Content-Length": str(size)}
        yield from faults(attempt.fault(f"{size} bytes", 413, body=b"", headers=headers))


# ---- methods -----------------------------------------------------------------------------------------------------

@rule("HEAD is GET without its body", lambda o: o.method == "GET")
def heads(shop, operation):
    attempt, found = Try(shop, operation), []
    for _ in range(3):  # an import of another rule may come in between, and a counter of the metrics does
        full, head = attempt.send(), attempt.send(method="HEAD")
        steady = ["content-type", "etag", "link"] + (["content-length"] if operation.name != "ops.metrics" else [])
        same = full.status == head.status and all(full.headers.get(n) == head.headers.get(n) for n in steady)
        if same and not head.body:
            return
        found = [f"HEAD: {head.headers}, GET: {full.headers}"]
    yield from found


def methods_of(shop, path):
    """What Allow has to name on a path."""
    own = {operation.method for operation in shop.operations if operation.path == path}
    return own | {"OPTIONS"} | ({"HEAD"} if "GET" in own else set())


@rule("OPTIONS tells what the path takes, and another method is 405 with the same", lambda o: True)
def methods(shop, operation):
    attempt, allowed = Try(shop, operation), methods_of(shop, operation.path)
    other = next(method for method in ("PUT", "DELETE", "PATCH", "POST", "GET") if method not in allowed)
    for method, status in (("OPTIONS", 204), (other, 405)):
        answer = attempt.send(Ask(ids=attempt.ask.ids, method=method, body=b"" if method != "OPTIONS" else None))
        if answer.status != status or set(answer.headers.get("allow", "").split(", ")) != allowed:
            yield f"{method}: {status} with {sorted(allowed)} expected, got {answer}, {answer.headers.get('allow')}"


# ---- lists -------------------------------------------------------------------------------------------------------

@rule("fields: only those, of those there are; all without it", lambda o: "fields" in o.query)
def chosen_fields(shop, operation):
    attempt, members = Try(shop, operation), operation.members
    for chosen in (members[:1], members[-2:], members):
        page = attempt.send(query={"fields": ",".join(chosen)})
        if page.status != 200 or any(set(row) != set(chosen) for row in page.json["items"]):
            yield f"fields={chosen}: these expected, got {page}"
    if any(set(row) != set(members) for row in attempt.send().json["items"]):
        yield "without it: not all members"
    for odd in ("", "colour", f"{members[0]},colour", f"{members[0]},,", f"{members[0]} ", "*"):
        yield from faults(attempt.fault(f"fields={odd!r}", 400, pointer="?fields", query={"fields": odd}))


@rule("total: how many there are in all, on each page, where it is asked for", lambda o: "total" in o.query)
def totals(shop, operation):
    attempt = Try(shop, operation)
    whole, asked = walk(attempt, 200), {"total": "true", "limit": 1}
    page = attempt.send(query=asked)
    again = attempt.send(query=asked | ({"cursor": page.json["next"]} if page.json["next"] else {}))
    grown = 0 if operation.name != "audit.list" else 9  # our own log-ins are written to it meanwhile
    for answer in (page, again):
        if not len(whole) <= answer.json.get("total", -1) <= len(whole) + grown:
            yield f"{len(whole)} expected, got {answer}"
    if "total" in attempt.send(query={"total": "false"}).json or "total" in attempt.send().json:
        yield "it is there without being asked for"
    for odd in ("", "1", "yes", "True"):
        yield from faults(attempt.fault(f"total={odd!r}", 400, pointer="?total", query={"total": odd}))


@rule("pages of any size show the same rows in the same order, none twice", lambda o: o.is_list)
def walks(shop, operation):
    attempt = Try(shop, operation)
    attempt.fresh()  # a second row, at least where rows are made by samples
    whole = walk(attempt, 200)
    for size in (1, 7) if len(whole) < 300 else (7,):
        pages = walk(attempt, size)
        if operation.name == "audit.list":  # our own log-ins are written to it meanwhile
            pages, whole = pages[-50:], whole[-50:]
        if pages != whole:
            yield f"pages of {size}: {len(pages)} rows, of 200: {len(whole)}"
    if len(set(whole)) != len(whole):
        yield f"{len(whole)} rows, {len(set(whole))} different"


@rule("sort: either way, over pages of any size; no cursor of another order, no other name", lambda o: "sort" in o.query)
def sorts(shop, operation):
    attempt, sorted_by = Try(shop, operation), 0
    for name in operation.members:
        first = attempt.send(query={"sort": name, "limit": 1})
        if first.status == 400:
            continue
        sorted_by += 1
        up, down = ([json.loads(row)[name] for row in walk(attempt, 200, sort=sort)] for sort in (name, f"-{name}"))
        if up != down[::-1] or (isinstance(up[0], int) and up != sorted(up)):
            yield f"sort={name}: {up[:9]}, sort=-{name}: {down[:9]}"
        if walk(attempt, 7, sort=name) != walk(attempt, 200, sort=name):
            yield f"sort={name}: pages of 7 show other rows than those of 200"
        for other in ({}, {"sort": f"-{name}"}):
            query = other | {"cursor": first.json["next"]}
            yield from faults(attempt.fault(f"cursor of {name} for {other}", 400, pointer="?cursor", query=query))
    if not sorted_by:
        yield "nothing to sort by"
    for odd in ("", "colour", "--name", "name,,", "name;drop table products"):
        yield from faults(attempt.fault(f"sort={odd!r}", 400, pointer="?sort", query={"sort": odd}))


def walk(attempt, size, **query):
    """All rows of a list as texts, over its cursors and its Link headers, which must say the same."""
    rows, cursor = [], None
    while True:
        answer = attempt.send(query=query | {"limit": size} | ({"cursor": cursor} if cursor else {}))
        if answer.status != 200:
            return [str(answer)]
        page = answer.json
        rows += [json.dumps(row) for row in page["items"]]
        cursor, link = page["next"], answer.headers.get("link", "")
        if len(page["items"]) > size or (f"cursor={cursor}" not in link if cursor else link):
            return [f"a page of {len(page['items'])}, Link {link}, next {cursor}"]
        if cursor is None:
            return rows
