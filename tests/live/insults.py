"""The malformed requests that hostile.py sends: rows of name, bytes and the statuses that are right. Pure: no sockets.

`bytes` may be a generator: its sender stops as soon as an answer is there, which must be long before the end.
"""
import base64
import gzip
import hmac
import json
import string


def request(method="GET", path="/api/v1/products", headers=(), body=b"", token=""):
    lines = [f"{method} {path} HTTP/1.1", "Host: till", *headers]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def order(body, token):
    """A POST of an order, correct up to its body."""
    body = body if isinstance(body, bytes) else body.encode()
    headers = ("Content-Type: application/json", "Idempotency-Key: h", f"Content-Length: {len(body)}")
    return request("POST", "/api/v1/orders", headers, body, token)


def endless(start, piece, count):
    yield start
    for _ in range(count):
        yield piece


def head_cases():
    """What the door refuses by the head alone, before it knows who is asking."""

    def get(target, *headers):
        lines = [b"GET " + target + b" HTTP/1.1", b"Host: till", *headers]
        return b"\r\n".join(lines) + b"\r\n\r\n"

    start = b"GET /healthz HTTP/1.1\r\n"
    return [
        ("endless header", endless(start + b"Host: till\r\nX: ", b"a" * 1024, 4096), {431}),
        ("endless request line", endless(b"GET /", b"a" * 1024, 4096), {414, 431}),
        ("endless header lines", endless(start + b"Host: till\r\n", b"A: b\r\n" * 64, 4096), {431}),
        ("101 header lines", get(b"/healthz", *[b"X: 1"] * 101), {431}),
        ("the hello of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
        ("no version", b"GET /healthz\r\n\r\n", {400}),
        ("HTTP/2.0", b"GET /healthz HTTP/2.0\r\nHost: till\r\n\r\n", {400, 505}),
        ("unknown method", b"BREW /healthz HTTP/1.1\r\nHost: till\r\n\r\n", {400, 405, 501}),
        ("method in small letters", b"get /healthz HTTP/1.1\r\nHost: till\r\n\r\n", {400, 405, 501}),
        ("no Host", start + b"\r\n", {400}),
        ("two Hosts", get(b"/healthz", b"Host: b"), {400}),
        ("NUL in a header", get(b"/healthz", b"X: a\0b"), {400}),
        ("CR in a header", get(b"/healthz", b"X: a\rb"), {400}),
        ("line ended by LF", get(b"/healthz", b"X: a\nY: b"), {400}),
        ("folded header", get(b"/healthz", b"X: a\r\n b"), {400}),
        ("space before the colon", get(b"/healthz", b"X : a"), {400}),
        ("header without a colon", get(b"/healthz", b"X"), {400}),
        ("header without a name", get(b"/healthz", b": a"), {400}),
        ("NUL in the path", get(b"/healthz%00"), {400}),
        ("dot segments", get(b"/api/../../etc/passwd"), {400}),
        ("hidden dot segments", get(b"/api/%2e%2e/%2e%2e/etc/passwd"), {400}),
        ("hidden slash", get(b"/api/v1%2fproducts"), {400}),
        ("broken percent", get(b"/api/%zz"), {400}),
        ("bad UTF-8 in the path", get(b"/api/v1/products/by-barcode/%ff%fe"), {400}),
        ("line feed in the path", get(b"/healthz%0d%0aX:%20y"), {400}),
        ("10 KB of path", get(b"/a" * 5120), {414}),
        ("101 parameters", get(b"/api/v1/products?" + b"a=1&" * 101), {400}),
    ]


def framing_cases(token):
    """Bodies whose length could be read in two ways, has no end, or is hidden."""
    start = request("POST", "/api/v1/orders", ("Idempotency-Key: h",), token=token)[:-2]
    zipped = gzip.compress(b" " * 10_000_000)

    def post(*headers, body=b"{}"):
        return start + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body

    chunked = post(b"Transfer-Encoding: chunked", body=b"")
    both = (b"Content-Length: 2", b"Transfer-Encoding: chunked")
    json_type = b"Content-Type: application/json"
    return [
        ("chunked", chunked + b"2\r\n{}\r\n0\r\n\r\n", {411}),
        ("endless chunks", endless(chunked, b"400\r\n" + b"a" * 1024 + b"\r\n", 4096), {411}),
        ("Transfer-Encoding alone", post(b"Transfer-Encoding: identity"), {411}),
        ("Content-Length with Transfer-Encoding", post(*both), {400}),
        ("Transfer-Encoding with Content-Length", post(*reversed(both)), {400}),
        ("two Content-Lengths", post(b"Content-Length: 2", b"Content-Length: 3"), {400}),
        ("two equal Content-Lengths", post(b"Content-Length: 2", b"Content-Length: 2"), {400}),
        ("Content-Length as a list", post(b"Content-Length: 2, 2"), {400}),
        ("Content-Length -1", post(b"Content-Length: -1"), {400}),
        ("Content-Length +2", post(b"Content-Length: +2"), {400}),
        ("Content-Length 0x2", post(b"Content-Length: 0x2"), {400}),
        ("Content-Length beyond 64 bits", post(b"Content-Length: 99999999999999999999999"), {400, 413}),
        ("POST without Content-Length", post(body=b""), {411}),
        ("2 MiB of order", endless(post(json_type, b"Content-Length: 2097152", body=b""), b" " * 65536, 32), {413}),
        ("gzip", post(json_type, b"Content-Encoding: gzip", b"Content-Length: %d" % len(zipped), body=zipped), {415}),
        ("order as a form", post(b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: 2"), {415}),
        ("expecting a miracle", post(b"Expect: a-miracle", b"Content-Length: 2"), {417}),
    ]


def line(text):
    return '{"lines": [' + text + '], "payments": []}'


def quantity(text):
    return line('{"sku": "A", "quantity": ' + text + "}")


def body_cases(token):
    """JSON that must not get past the gate, and orders that must not get past the rules: all 400."""
    texts = {
        "100,000 brackets": "[" * 100_000, "depth 33": line('{"a":' * 31 + "1" + "}" * 31), "empty": "",
        "not JSON": "lines", "cut off": '{"lines": [', "two texts": "{}{}", "an array": "[]", "null": "null",
        "comment": "{} // x", "bad UTF-8": b'{"lines": "\xc3\x28"}', "overlong UTF-8": b'{"lines": "\xc0\xaf"}',
        "UTF-8 of a surrogate": b'{"a": "\xed\xa0\x80"}', "lone surrogate": '{"a": "\\ud800"}', "NUL": b'{"a": "\0"}',
        "escaped NUL": '{"a": "\\u0000"}', "control character": b'{"a": "\x01"}', "order mark": b"\xef\xbb\xbf{}",
        "equal keys": '{"lines": [], "lines": []}', "unknown key": '{"lines": [], "is_admin": true}',
        "no lines": line(""), "2,001 lines": line(",".join(['{"sku": "A", "quantity": 1000}'] * 2001)),
        "line of two goods": line('{"sku": "A", "barcode": "1", "quantity": 1000}'),
        "1e400": quantity("1e400"), "-1e400": quantity("-1e400"), "NaN": quantity("NaN"),
        "half a thousandth": quantity("0.5"), "number as text": quantity('"1000"'), "quantity 0": quantity("0"),
        "quantity -1": quantity("-1"), "quantity 10^9+1": quantity("1000000001"),
        "quantity beyond 64 bits": quantity("9223372036854775808"), "unknown goods": quantity("1000")}
    return [(f"body: {name}", order(text, token), {400}) for name, text in texts.items()]


def b64(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header, claims, key):
    """A token that is signed as it should be, by a stranger."""
    text = f"{b64(header)}.{b64(claims)}"
    return f"{text}.{b64(hmac.new(key, text.encode(), 'sha256').digest())}"


def hostile_tokens(good, other):
    """Name → bearer token: what can be made of two good tokens without the key."""
    head, claims, mac = good.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    usual = {"alg": "HS256", "typ": "JWT"}
    late = dict(said, exp=4_102_444_800)
    algorithms = ("none", "None", "NONE", "nOnE", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "", 0)
    keys = (b"", b"secret", b"tilld", b"password", b"null", b"\0" * 32, claims.encode())
    headers = {"kid": "../../dev/null", "jwk": {"kty": "oct", "k": ""}, "jku": "http://127.0.0.1/", "crit": ["exp"],
               "x5u": "http://127.0.0.1/", "typ": "refresh", "zip": "DEF", "b64": False}
    changes = {"exp": 4_102_444_800, "nbf": 0, "role": "admin", "sub": "0", "iss": "x", "aud": "x", "jti": "x"}
    tokens = {f"alg {alg}": forged(dict(usual, alg=alg), said, b"") for alg in algorithms}
    tokens |= {f"alg {alg}, unsigned": f"{b64(dict(usual, alg=alg))}.{claims}." for alg in ("none", "HS256")}
    tokens |= {f"signed with {key[:8]!r}": forged(usual, late, key) for key in keys}
    tokens |= {f"header {name}": forged(dict(usual, **{name: value}), said, b"") for name, value in headers.items()}
    tokens |= {f"claim {name}": f"{head}.{b64(dict(said, **{name: value}))}.{mac}" for name, value in changes.items()}
    return tokens | {
        "no signature": f"{head}.{claims}", "empty signature": f"{head}.{claims}.", "doubled": f"{good}.{good}",
        "another's signature": f"{head}.{claims}.{other.split('.')[2]}", "four parts": good + ".x", "dots": "..",
        "padding": good + "=", "leading dot": "." + good, "one letter": "x", "slack bits": good[:-1] + slack(good[-1]),
        "standard base64": f"{head}.{claims}.+{mac[1:]}", "a word after it": good + " x", "cut by one": good[:-1],
        "another first letter": "A" + good[1:], "percent": good.replace(".", "%2e"),
        "header is a list": f"{b64([])}.{claims}.{mac}", "claims are text": f"{head}.{b64(b'x')}.{mac}",
        "deep header": f"{b64(b'[' * 5000)}.{claims}.{mac}", "14 KB": "a" * 14_000}


def slack(letter):
    """The base64 letter that differs in the lowest bit: in the last one of 32 bytes that is slack, it decodes alike."""
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return letters[letters.index(letter) ^ 1]


def misplaced_tokens(good, path):
    """A good token where none is looked for."""
    return [("Basic", request(path=path, headers=["Authorization: Basic bWFuYWdlcjptYW5hZ2Vy"]), {401}),
            ("no scheme", request(path=path, headers=["Authorization: " + good]), {401}),
            ("twice", request(path=path, headers=["Authorization: Bearer " + good] * 2), {400, 401}),
            ("in the query", request(path=f"{path}?access_token={good}"), {400, 401}),
            ("in a cookie", request(path=path, headers=["Cookie: access_token=" + good]), {401})]
