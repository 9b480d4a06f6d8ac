"""Rules for what is done once, or to the version that was seen: If-Match, If-None-Match, Idempotency-Key."""
from rules import Try, faults, rule
from samples import as_json

KEY_ODDITIES = ("", "a" * 65, "a b", "k\u00e4se", "a\tb", "\u2713")
LIVE = ("products.get", "cart.get")  # show stock and prices of now, which have no part in the row's version


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


@rule("201 says where the new row is, and there it is", lambda o: o.ok == 201)
def locations(shop, operation):
    attempt = Try(shop, operation)
    answer = attempt.send()
    place, made = answer.headers.get("location", ""), answer.json.get("id")
    if f"{operation.path}/{{id}}" in {o.path for o in shop.operations if o.method == "GET"} and not place:
        yield f"no Location in {answer}"
    elif place and attempt.who.client.get(place).json.get("id") != made:
        yield f"{place}: {attempt.who.client.get(place)} is not {made}"


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
