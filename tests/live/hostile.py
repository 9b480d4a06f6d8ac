"""Hostile input, from the door to the configuration: every malformed request gets its refusal in time, memory stays flat.

Raw sockets only, one case a connection (a refusal closes it). Cases are rows: name, bytes, the statuses that are right.
Slow clients drip beside the other cases, so that their deadlines cost no time. At the end: damaged starts (bad
configuration, locked, foreign and newer database) must say one line, exit with an error and write nothing.
"""
import base64
import gzip
import hashlib
import hmac
import json
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import till

ANSWER_S = 2.0  # a refusal "at once", on a machine that builds beside it
DRIP_S = 45  # slow head, slow body and an unused connection must be gone by then
FLAT_KB = 4096  # growth of the resident set over all cases, and its peak during one
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


def send(port, data, timeout_s=10):
    """(status or 0, seconds, answer). `data` may be a generator: sending stops as soon as an answer is there."""
    began = time.monotonic()
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as wire:
        try:
            for piece in [data] if isinstance(data, bytes) else data:
                wire.sendall(piece)
                if readable(wire):
                    break
            wire.settimeout(timeout_s)
            while not complete(received) and (more := wire.recv(65536)):
                received += more
        except (ConnectionError, TimeoutError):
            pass  # what came before it counts
    status = STATUS.match(received)
    return int(status[1]) if status else 0, time.monotonic() - began, received


def readable(wire):
    wire.setblocking(False)
    try:
        wire.recv(1, socket.MSG_PEEK)
        return True
    except BlockingIOError:
        return False
    finally:
        wire.setblocking(True)


def complete(received):
    """Is a whole answer with Content-Length there?"""
    head, gap, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(gap and length and len(body) >= int(length[1]))


def request(method="GET", path="/api/v1/products", headers=(), body=b"", token=""):
    lines = [f"{method} {path} HTTP/1.1", "Host: till", *headers]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def order(body, token, *headers):
    """A POST of an order, correct up to its body."""
    body = body if isinstance(body, bytes) else body.encode()
    return request("POST", "/api/v1/orders", ("Content-Type: application/json", "Idempotency-Key: h",
                                              f"Content-Length: {len(body)}", *headers), body, token)


def endless(start, piece, count):
    yield start
    for _ in range(count):
        yield piece


def door_cases(token):
    """What the door itself refuses, most of it before it knows who is asking."""
    post = "POST /api/v1/orders HTTP/1.1\r\nHost: till\r\nAuthorization: Bearer " + token + "\r\nIdempotency-Key: h\r\n"
    zipped = gzip.compress(b" " * 10_000_000)

    def framed(headers, body=b"{}"):
        return post.encode() + headers + b"\r\n\r\n" + body

    return [
        ("endless header", endless(b"GET / HTTP/1.1\r\nHost: till\r\nX: ", b"a" * 1024, 4096), {431}),
        ("endless request line", endless(b"GET /", b"a" * 1024, 4096), {414, 431}),
        ("endless header lines", endless(b"GET / HTTP/1.1\r\nHost: till\r\n", b"A: b\r\n" * 64, 4096), {431}),
        ("101 header lines", request(headers=[f"X-{n}: 1" for n in range(101)]), {431}),
        ("bytes that are no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
        ("no version", b"GET /healthz\r\n\r\n", {400}),
        ("HTTP/2.0", b"GET /healthz HTTP/2.0\r\nHost: till\r\n\r\n", {400, 505}),
        ("unknown method", b"BREW /healthz HTTP/1.1\r\nHost: till\r\n\r\n", {400, 405, 501}),
        ("method in small letters", b"get /healthz HTTP/1.1\r\nHost: till\r\n\r\n", {400, 405, 501}),
        ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n", {400}),
        ("two Hosts", b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {400}),
        ("NUL in a header", b"GET /healthz HTTP/1.1\r\nHost: till\r\nX: a\0b\r\n\r\n", {400}),
        ("CR in a header", b"GET /healthz HTTP/1.1\r\nHost: till\r\nX: a\rb\r\n\r\n", {400}),
        ("folded header", b"GET /healthz HTTP/1.1\r\nHost: till\r\nX: a\r\n b\r\n\r\n", {400}),
        ("space before the colon", b"GET /healthz HTTP/1.1\r\nHost: till\r\nX : a\r\n\r\n", {400}),
        ("header without a colon", b"GET /healthz HTTP/1.1\r\nHost: till\r\nX\r\n\r\n", {400}),
        ("header without a name", b"GET /healthz HTTP/1.1\r\nHost: till\r\n: a\r\n\r\n", {400}),
        ("NUL in the path", b"GET /healthz%00 HTTP/1.1\r\nHost: till\r\n\r\n", {400}),
        ("dot segments", b"GET /api/../../etc/passwd HTTP/1.1\r\nHost: till\r\n\r\n", {400, 404}),
        ("hidden dot segments", b"GET /api/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: till\r\n\r\n", {400, 404}),
        ("broken percent", b"GET /api/%zz HTTP/1.1\r\nHost: till\r\n\r\n", {400}),
        ("bad UTF-8 in the path", b"GET /api/v1/products/by-barcode/%ff%fe HTTP/1.1\r\nHost: till\r\n\r\n", {400}),
        ("line feed in the path", b"GET /healthz%0d%0aX:%20y HTTP/1.1\r\nHost: till\r\n\r\n", {400, 404}),
        ("8 KB of path", b"GET /" + b"a/" * 4096 + b" HTTP/1.1\r\nHost: till\r\n\r\n", {400, 404, 414}),
        ("chunked", framed(b"Transfer-Encoding: chunked", b"2\r\n{}\r\n0\r\n\r\n"), {411}),
        ("endless chunks", endless(framed(b"Transfer-Encoding: chunked", b""), b"400\r\n" + b"a" * 1024 + b"\r\n", 4096), {411}),
        ("Transfer-Encoding of any kind", framed(b"Transfer-Encoding: identity\r\nContent-Length: 2"), {400, 411}),
        ("Content-Length with Transfer-Encoding", framed(b"Content-Length: 2\r\nTransfer-Encoding: chunked"), {400, 411}),
        ("two Content-Lengths", framed(b"Content-Length: 2\r\nContent-Length: 3"), {400}),
        ("two equal Content-Lengths", framed(b"Content-Length: 2\r\nContent-Length: 2"), {400}),
        ("Content-Length as a list", framed(b"Content-Length: 2, 2"), {400}),
        ("Content-Length -1", framed(b"Content-Length: -1"), {400}),
        ("Content-Length +2", framed(b"Content-Length: +2"), {400}),
        ("Content-Length 0x2", framed(b"Content-Length: 0x2"), {400}),
        ("Content-Length beyond 64 bits", framed(b"Content-Length: 99999999999999999999999"), {400, 413}),
        ("POST without Content-Length", framed(b"X: y", b""), {411}),
        ("2 MiB of order", endless(framed(b"Content-Length: 2097152", b""), b" " * 65536, 32), {413}),
        ("gzip", framed(b"Content-Encoding: gzip\r\nContent-Length: %d" % len(zipped), zipped), {415}),
        ("order as a form", framed(b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3", b"a=b"), {400, 415}),
        ("Expect of something else", framed(b"Expect: a-miracle\r\nContent-Length: 2"), {400, 417}),
    ]


def line(text):
    return '{"lines": [' + text + '], "payments": []}'


def body_cases(token):
    """JSON that must not get past the gate, and orders that must not get past the rules: all 400."""
    texts = [
        ("100,000 brackets", "[" * 100_000), ("depth 33", line('{"a":' * 31 + "1" + "}" * 31)), ("empty body", ""),
        ("not JSON", "lines"), ("cut off", '{"lines": ['), ("two texts", "{}{}"), ("an array", "[]"), ("comment", "{} // x"),
        ("bad UTF-8", b'{"lines": "\xc3\x28"}'), ("overlong UTF-8", b'{"lines": "\xc0\xaf"}'), ("UTF-8 of a surrogate", b'{"a": "\xed\xa0\x80"}'),
        ("lone surrogate", '{"a": "\\ud800"}'), ("NUL", b'{"a": "\0"}'), ("escaped NUL", '{"a": "\\u0000"}'),
        ("control character", b'{"a": "\x01"}'), ("byte order mark", b"\xef\xbb\xbf{}"), ("1e400", line('{"sku": "A", "quantity": 1e400}')),
        ("-1e400", line('{"sku": "A", "quantity": -1e400}')), ("NaN", line('{"sku": "A", "quantity": NaN}')),
        ("half a thousandth", line('{"sku": "A", "quantity": 0.5}')), ("number as text", line('{"sku": "A", "quantity": "1000"}')),
        ("beyond 64 bits", line('{"sku": "A", "quantity": 9223372036854775808}')), ("quantity 0", line('{"sku": "A", "quantity": 0}')),
        ("quantity -1", line('{"sku": "A", "quantity": -1}')), ("quantity 10^9+1", line('{"sku": "A", "quantity": 1000000001}')),
        ("equal keys", '{"lines": [], "lines": []}'), ("unknown key", '{"lines": [], "is_admin": true}'), ("no lines", line("")),
        ("2,001 lines", line(",".join(['{"sku": "A", "quantity": 1000}'] * 2001))),
        ("line of two goods", line('{"sku": "A", "barcode": "1", "quantity": 1000}')), ("null order", "null")]
    return [(f"body: {name}", order(text, token), {400}) for name, text in texts]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token_cases(good, other):
    """At least 41 bearer tokens made from a good one; each must be 401 (or refused as a head)."""
    head, claims, mac = good.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))

    def forged(header, payload, key=b"", algorithm="sha256"):
        text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(payload).encode())}"
        return f"{text}.{b64(hmac.new(key, text.encode(), algorithm).digest())}"

    usual = {"alg": "HS256", "typ": "JWT"}
    late = dict(said, exp=4102444800)
    cases = {f"alg {alg}": forged(dict(usual, alg=alg), said) for alg in
             ("none", "None", "NONE", "nOnE", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256", "", None, 256)}
    cases |= {f"alg {alg} unsigned": f"{b64(json.dumps(dict(usual, alg=alg)).encode())}.{claims}." for alg in ("none", "HS256")}
    cases |= {f"signed with {key[:8]!r}": forged(usual, late, key) for key in
              (b"", b"secret", b"tilld", b"\0" * 32, b"password", claims.encode(), b"null")}
    cases |= {f"header {name}": forged(dict(usual, **{name: value}), said) for name, value in
              (("kid", "../../dev/null"), ("kid", "' or 1=1 --"), ("jwk", {"kty": "oct", "k": ""}), ("jku", "http://127.0.0.1/"),
               ("x5u", "http://127.0.0.1/"), ("crit", ["exp"]), ("typ", "refresh"), ("zip", "DEF"))}
    cases |= {f"claim {name}, old signature": f"{head}.{b64(json.dumps(dict(said, **{name: value})).encode())}.{mac}" for name, value in
              (("exp", 4102444800), ("role", "admin"), ("sub", "0"), ("iss", "x"), ("aud", "x"), ("nbf", 4102444800), ("jti", "x"))}
    cases |= {"no signature": f"{head}.{claims}", "empty signature": f"{head}.{claims}.", "another's signature": f"{head}.{claims}.{other.split('.')[2]}",
              "four parts": good + ".x", "padding": good + "=", "doubled": f"{good}.{good}", "leading dot": "." + good, "one letter": "x",
              "slack bits": good[:-1] + slack(good[-1]), "standard base64": f"{head}.{claims}.{'+' + mac[1:]}", "outer blank": good + " x",
              "cut by one": good[:-1], "first letter": flip(head) + good[len(head):], "NUL": good + "\0", "dots": "..", "percent": good.replace(".", "%2e"),
              "header is a list": f"{b64(b'[]')}.{claims}.{mac}", "claims are text": f"{head}.{b64(b'x')}.{mac}", "deep header": f"{b64(b'[' * 5000)}.{claims}.{mac}",
              "14 KB": "a" * 14_000, "1 MB": "a" * (1 << 20)}
    return cases


def slack(letter):
    """The base64 letter that differs in its lowest bit: decodes to the same bytes where the last letter has slack bits."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return letters[letters.index(letter) ^ 1]


def flip(text):
    return ("A" if text[0] != "A" else "B") + text[1:]


class Drip(threading.Thread):
    """A client that sends a byte a second and waits to be shown the door; `gone_s` is when that was, 0 if never."""

    def __init__(self, name, port, start, piece):
        super().__init__(daemon=True)
        self.title, self.piece, self.gone_s, self.answer = name, piece, 0, b""
        self.wire = socket.create_connection(("127.0.0.1", port))
        self.wire.sendall(start)

    def run(self):
        began = time.monotonic()
        self.wire.settimeout(1)
        while time.monotonic() - began < DRIP_S:
            try:
                more = self.wire.recv(4096)
                self.answer += more
                if not more:
                    break
            except TimeoutError:
                pass
            except ConnectionError:
                break
            try:
                self.wire.sendall(self.piece)
            except OSError:
                continue  # closed for sending: what is left to read comes above
        else:
            return
        self.gone_s = time.monotonic() - began
        self.wire.close()


def drips(port, token):
    body = order(" " * 1000, token)
    return [Drip("head", port, b"GET /healthz HTTP/1.1\r\nHost: till\r\nX: ", b"a"),
            Drip("body", port, body[:-1000], b" ")]


def try_cases(report, house, cases):
    """Runs each row; a wrong status, a late one, or memory that rose for it is reported by name."""
    wrong, late, fat = [], [], []
    for name, data, statuses in cases:
        house.forget_peak()
        before = house.memory_kb()
        status, took, answer = send(house.port, data)
        if status not in statuses:
            wrong.append((name, sorted(statuses), status, answer[:200]))
        if took > ANSWER_S:
            late.append((name, took))
        if (peak := house.memory_kb("VmHWM") - before) > FLAT_KB:
            fat.append((name, f"{peak} KB"))
    report.none(f"{len(cases)} cases: each its refusal", wrong)
    report.none(f"{len(cases)} cases: each within {ANSWER_S} s", late)
    report.none(f"{len(cases)} cases: peak memory of each ≤ {FLAT_KB} KB", fat)


def check_tokens(report, house):
    good, other = house.login().token, house.login().token
    cases = token_cases(good, other)
    report.check("tokens: at least 41 hostile ones", len(set(cases.values())) >= 41, "≥ 41", len(set(cases.values())))
    path = "/api/v1/auth/me"
    report.equal("tokens: the good one is taken", 200, send(house.port, request(path=path, token=good))[0])
    try_cases(report, house, [(f"token: {name}", request(path=path, token=token), {401, 400, 431}) for name, token in cases.items()])
    misplaced = [
        ("Basic", request(path=path, headers=["Authorization: Basic bWFuYWdlcjptYW5hZ2Vy"]), {401}),
        ("no scheme", request(path=path, headers=["Authorization: " + good]), {401}),
        ("twice", request(path=path, headers=["Authorization: Bearer " + good] * 2), {400, 401}),
        ("in the query", request(path=f"{path}?access_token={good}"), {400, 401}),
        ("in a cookie", request(path=path, headers=["Cookie: access_token=" + good]), {401})]
    try_cases(report, house, misplaced)


def check_ranges(report, house, token):
    """Range is not passed on: the whole answer, once, whatever is asked for."""
    plain = send(house.port, request(token=token))
    many = send(house.port, request(token=token, headers=["Range: bytes=" + ",".join(["0-"] * 2500)]))
    report.equal("2,500 ranges: the plain answer, once", (plain[0], len(plain[2].partition(b"\r\n\r\n")[2])),
                 (many[0], len(many[2].partition(b"\r\n\r\n")[2])))


def check_pipelining(report, house):
    """Three requests in one segment: three answers, in order."""
    asked = request(path="/healthz") + request(path="/nowhere") + request(path="/readyz", headers=["Connection: close"])
    with socket.create_connection(("127.0.0.1", house.port), timeout=5) as wire:
        wire.sendall(asked)
        received = b""
        while more := wire.recv(65536):
            received += more
    report.equal("pipelining: three answers in order", [b"200", b"404", b"200"], re.findall(rb"HTTP/1\.1 (\d{3}) ", received))


def files_of(folder):
    """Name → SHA-256 of every file below a folder."""
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


def refused_start(report, house, what, words):
    """A start that must fail with one line that holds every one of `words`, and leave the files as they were."""
    before = files_of(house.home)
    done = subprocess.run([house.tilld, "serve", "--data", str(house.data), "--listen", f"127.0.0.1:{till.free_port()}", "--config",
                           str(house.config)], text=True, capture_output=True, timeout=20, check=False)
    said = (done.stdout + done.stderr).splitlines()
    report.check(f"start refused: {what}: exit code", done.returncode != 0, "not 0", done.returncode)
    report.check(f"start refused: {what}: one line with {', '.join(words)}", len(said) == 1 and all(w in said[0] for w in words),
                 f"one line with {words}", said)
    report.equal(f"start refused: {what}: nothing written", before, files_of(house.home))


def check_starts(report, house):
    """The house has been stopped: its files are complete and nobody writes them."""
    good = house.config.read_text()
    name = house.config.name
    for what, text, words in (
            ("broken JSON", '{"store.currency": ', [name]),
            ("unknown key", '{"store.colour": "red"}', [name, "store.colour"]),
            ("text for a number", '{"http.idle_timeout_s": "long"}', [name, "http.idle_timeout_s"]),
            ("unknown currency", '{"store.currency": "POUNDS"}', [name, "store.currency"])):
        house.config.write_text(text)
        refused_start(report, house, what, words)
    house.config.write_text(good)
    database = next(p for p in house.data.iterdir() if p.suffix == ".db")
    kept = database.read_bytes()

    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    refused_start(report, house, "database locked by another process", [database.name, "locked"])
    holder.close()

    for what, change, words in (
            ("newer database", "PRAGMA user_version = 9999", [database.name, "newer"]),
            ("another program's database", "PRAGMA application_id = 1", [database.name])):
        edit = sqlite3.connect(database)
        edit.execute(change)
        edit.close()
        refused_start(report, house, what, words)
        database.write_bytes(kept)
    database.write_bytes(b"This is a letter to my aunt.\n" * 500)
    refused_start(report, house, "no database at all", [database.name])
    database.write_bytes(kept)
    report.check("start: the shop opens again after all refusals", house.start() < 5, "ready", "not ready")


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with till.Till(args.tilld) as house:
        shop = house.open_shop()
        token = shop.token
        for _ in range(50):
            shop.get("/api/v1/products")
        before = house.memory_kb()
        slow = drips(house.port, token)
        for drip in slow:
            drip.start()
        try_cases(report, house, door_cases(token))
        try_cases(report, house, body_cases(token))
        check_tokens(report, house)
        check_ranges(report, house, token)
        check_pipelining(report, house)
        for drip in slow:
            drip.join()
            report.check(f"slow {drip.title}: gone after {drip.gone_s:.0f} s", drip.gone_s > 0, f"closed within {DRIP_S} s", drip.answer[:200])
        report.at_most("memory after all of it, above before", FLAT_KB, house.memory_kb() - before, "KB")
        report.equal("no order came of it", [], list(shop.pages("/api/v1/orders")))
        report.equal("stop: exit code", 0, house.stop())
        check_starts(report, house)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
