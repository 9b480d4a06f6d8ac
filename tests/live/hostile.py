#!/usr/bin/env python3
"""Hostile input, from the door to the configuration: each bad request gets its refusal in time, memory stays flat.

Raw sockets, one case a connection (a refusal closes it); the cases are rows in insults.py. Slow clients drip beside
them, so that their deadlines cost no time. At the end the starts that must fail (bad configuration; locked, foreign and
newer database): one line that names the file, exit code not 0, nothing written.
"""
import hashlib
import re
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import zlib

import insults
import till

ANSWER_S = 2.0  # "at once", on a machine that may be building beside it
DRIP_S = 60  # a head and a body that drip must be gone by then
PAGE = 1024  # bytes of the database's pages
FLAT_KB = 4096  # growth of the resident set over all cases, and its peak during one
START_S = 15  # a start that must fail has failed by then
# A process of its own: our reading of the file would drop our own lock on it (POSIX).
HOLDER = """
import sqlite3, sys
holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("PRAGMA locking_mode = EXCLUSIVE")
holder.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
ME = "/api/v1/auth/me"


def send(port, data, timeout_s=10):
    """(status or 0, seconds, answer). Sending stops as soon as an answer is there."""
    began = time.monotonic()
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as wire:
        try:
            for piece in [data] if isinstance(data, bytes) else data:
                wire.sendall(piece)
                if till.has_data(wire, wait_ms=1):  # a slow line, so that we are not done before the answer
                    break
            while not complete(received) and (more := wire.recv(65536)):
                received += more
        except (ConnectionError, TimeoutError):
            pass  # what came before it counts
    status = STATUS.match(received)
    return int(status[1]) if status else 0, time.monotonic() - began, received


def complete(received):
    """Is a whole answer with Content-Length there?"""
    head, gap, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(gap and length and len(body) >= int(length[1]))


class Drip(threading.Thread):
    """A client that sends a byte a second and waits to be shown the door; `gone_s` is when that was, 0 if never."""

    def __init__(self, title, port, start, piece):
        super().__init__(daemon=True)
        self.title, self.piece, self.gone_s = title, piece, 0
        self.wire = socket.create_connection(("127.0.0.1", port), timeout=1)
        self.wire.sendall(start)

    def run(self):
        began = time.monotonic()
        while not self.gone_s and time.monotonic() - began < DRIP_S:
            try:
                self.wire.sendall(self.piece)
                if not self.wire.recv(4096):
                    self.gone_s = time.monotonic() - began
            except TimeoutError:
                pass  # nothing to read: still wanted
            except OSError:
                self.gone_s = time.monotonic() - began
        self.wire.close()


def try_cases(report, house, what, cases):
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
    report.none(f"{what}: {len(cases)} cases, each its refusal", wrong)
    report.none(f"{what}: each within {ANSWER_S} s", late)
    report.none(f"{what}: peak of memory during each ≤ {FLAT_KB} KB", fat)


def check_tokens(report, house):
    good, other = house.login().token, house.login().token
    tokens = insults.hostile_tokens(good, other)
    different = len(set(tokens.values()) - {good, other})
    report.check("tokens: at least 41 hostile ones", different >= 41, "≥ 41", different)
    report.equal("tokens: the good one is taken", 200, send(house.port, insults.request(path=ME, token=good))[0])
    cases = [(name, insults.request(path=ME, token=token), {401}) for name, token in tokens.items()]
    cases += [("token with a NUL", insults.request(path=ME, token=good + "\0"), {400}),
              ("token of 1 MB", insults.request(path=ME, token="a" * (1 << 20)), {431})]
    try_cases(report, house, "tokens", cases)
    try_cases(report, house, "misplaced tokens", insults.misplaced_tokens(good, ME))


def check_ranges(report, house, token):
    """Range is not passed on: the whole answer, once, whatever is asked for."""
    ranges = "Range: bytes=" + ",".join(["0-"] * 2500)
    bodies = [send(house.port, insults.request(token=token, headers=headers))[2].partition(b"\r\n\r\n")
              for headers in ((), (ranges,))]
    report.equal("2,500 ranges: the plain answer, once", bodies[0][2], bodies[1][2])


def check_pipelining(report, house):
    """Three requests in one segment: three answers, in order."""
    asked = insults.request(path="/healthz") + insults.request(path="/nowhere")
    asked += insults.request(path="/readyz", headers=["Connection: close"])
    received = b""
    with socket.create_connection(("127.0.0.1", house.port), timeout=5) as wire:
        wire.sendall(asked)
        while more := wire.recv(65536):
            received += more
    statuses = re.findall(rb"HTTP/1\.1 (\d{3}) ", received)
    report.equal("pipelining: three answers in order", [b"200", b"404", b"200"], statuses)


def files_of(folder):
    """Name → SHA-256 of every file below a folder."""
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in folder.rglob("*") if p.is_file()}


def start_in_vain(house, port=None):
    """(exit code, lines said); a daemon that starts all the same is ended and gives "it serves"."""
    starting = subprocess.Popen(house.serve_command(port), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        said, _ = starting.communicate(timeout=START_S)
        return starting.returncode, said.splitlines()
    except subprocess.TimeoutExpired:
        starting.kill()
        return "it serves", starting.communicate()[0].splitlines()


def refused_start(report, house, what, words):
    """A start that must fail with one line that holds each of `words`, and leave the files as they were."""
    before = files_of(house.home)
    code, said = start_in_vain(house)
    report.check(f"start refused, {what}: exit code", code == 1, 1, code)
    report.check(f"start refused, {what}: one line with {', '.join(words)}",
                 len(said) == 1 and all(word in said[0] for word in words), f"one line with {words}", said)
    after = files_of(house.home)
    report.none(f"start refused, {what}: nothing written",
                [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)])


def check_bad_configs(report, house):
    good = house.config.read_text()
    name = house.config.name
    for what, text, words in (
            ("broken JSON", '{"store.currency": ', (name,)),
            ("unknown key", '{"store.colour": "red"}', (name, "store.colour")),
            ("text for a number", '{"http.idle_s": "long"}', (name, "http.idle_s")),
            ("number out of its range", '{"http.idle_s": -1}', (name, "http.idle_s")),
            ("currency of another shop", '{"store.currency": "USD"}', ("store.currency",))):
        house.config.write_text(text)
        refused_start(report, house, what, words)
    house.config.write_text('{"store.currency": "POUNDS"}')
    kept, house.data = house.data, house.home / "fresh"
    refused_start(report, house, "impossible currency at the first start", (name, "store.currency"))
    report.check("  no directory was made", not house.data.exists(), "none", house.data)
    house.data = kept
    house.config.write_text(good)


def rewritten(database):
    """As if a program that knows our pages had written it: each with the sum of its content, no seal beside it."""
    content = bytearray(database.read_bytes())
    for n in range(len(content) // PAGE):
        page = content[n * PAGE:(n + 1) * PAGE - 4]
        content[(n + 1) * PAGE - 4:(n + 1) * PAGE] = struct.pack("<I", zlib.crc32(struct.pack("<I", n + 1) + page))
    database.write_bytes(content)
    database.with_name(database.name + "-seal").unlink(missing_ok=True)


def check_bad_databases(report, house):
    database = house.database
    seal = database.with_name(database.name + "-seal")
    kept, sealed = database.read_bytes(), seal.read_bytes()
    command = [sys.executable, "-c", HOLDER, str(database)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    refused_start(report, house, "database locked by another process", (database.name, "locked"))
    holder.communicate()
    newer = "INSERT INTO migrations SELECT max(number) + 1, 'from the future', 0, 0 FROM migrations"
    for what, change, words in (
            ("newer database", newer, (database.name, "newer")),
            ("another program's database", "PRAGMA application_id = 1", (database.name, "another program"))):
        edit = sqlite3.connect(database, isolation_level=None)
        edit.execute(change)
        edit.close()
        rewritten(database)
        refused_start(report, house, what, words)
        database.write_bytes(kept)
    database.write_bytes(b"This is a letter to my aunt.\n" * 500)
    refused_start(report, house, "no database at all", (database.name,))
    database.write_bytes(kept)
    seal.write_bytes(sealed)


def check_second_start(report, house):
    """Two daemons on one directory: the second one must not come up, the first must not notice."""
    code, said = start_in_vain(house, till.free_port())
    report.check("start refused, another tilld serves here: exit code", code == 1, 1, code)
    report.check("start refused, another tilld serves here: one line that names the directory",
                 len(said) == 1 and str(house.data) in said[0], f"one line with {house.data}", said)
    report.equal("  the first one goes on", 200, house.client().get("/readyz").status)


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with till.Till(args.tilld, till.CONFIG | {"limits.public_per_s": 0}) as house:  # so that no 429 hides a 4xx
        shop = house.open_with_manager()
        for _ in range(50):
            shop.get("/api/v1/products")
        before = house.memory_kb()
        body = insults.order(" " * 1000, shop.token)
        drips = [Drip("head", house.port, b"GET /healthz HTTP/1.1\r\nHost: till\r\nX: ", b"a"),
                 Drip("body", house.port, body[:-1000], b" ")]
        for drip in drips:
            drip.start()
        try_cases(report, house, "heads", insults.head_cases())
        try_cases(report, house, "framing", insults.framing_cases(shop.token))
        try_cases(report, house, "bodies", insults.body_cases(shop.token))
        check_tokens(report, house)
        check_ranges(report, house, shop.token)
        check_pipelining(report, house)
        check_second_start(report, house)
        for drip in drips:
            drip.join()
            report.check(f"dripping {drip.title}: shown out after {drip.gone_s:.0f} s", drip.gone_s > 0,
                         f"within {DRIP_S} s", "still connected")
        report.at_most("memory after all of it, above before", FLAT_KB, house.memory_kb() - before, "KB")
        report.equal("no order came of it", [], list(shop.pages("/api/v1/orders")))
        report.equal("stop: exit code", 0, house.stop())
        check_bad_configs(report, house)
        check_bad_databases(report, house)
        report.at_most("start: the shop opens again after all refusals", 5, house.start(), "s")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
