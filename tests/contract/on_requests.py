"""Rules for what any request may look like: its query and path, its body, its method."""
import json

from rules import Try, faults, pointers, rule
from samples import Ask, unknown_ids

BODY_ODDITIES = (b"", b"[]", b"null", b"5", b'"x"', b"{", b'{"a":1,"a":1}', b"{} {}", b'"\xff"', b"{} // x", b"NaN",
                 b'{"a":' * 33 + b"1" + b"}" * 33, b"[" * 100_000)
MEDIA_ODDITIES = ("text/plain", "application/x-www-form-urlencoded", "application/xml", "image/png",
                  "application/jsonp", "multipart/form-data; boundary=x", "application/json; charset=latin1")
ODD_IDS = ("x", "0", "-1", "1 or 1=1", "..%2f..", "%00", "a" * 300, "00000000-0000-0000-0000-00000000000g")


@rule("a parameter that the route does not know is 400", lambda o: True)
def unknown_query(shop, operation):
    attempt = Try(shop, operation)
    yield from faults(attempt.fault("?colour", 400, "bad_query", "?colour", query={"colour": "red"}))


@rule("a parameter that comes twice is 400", lambda o: o.query)
def doubled_query(shop, operation):
    attempt = Try(shop, operation)
    for name in operation.query:
        yield from faults(attempt.fault(name, 400, "bad_query", f"?{name}", query=[(name, "1"), (name, "1")]))


@rule("what the path names is not there: 404", lambda o: o.path_parameters)
def unknown_things(shop, operation):
    attempt = Try(shop, operation)
    yield from faults(attempt.fault("an id of nothing", 404, ids=unknown_ids(operation)))
    for odd in ODD_IDS:
        answer = attempt.send(ids=dict.fromkeys(operation.path_parameters, odd.replace(" ", "%20")))
        if answer.status not in (400, 404):
            yield f"{odd!r}: 400 or 404 expected, got {answer}"


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
