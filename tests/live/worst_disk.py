#!/usr/bin/env python3
"""A full disk in the middle of the day, and one that turns read-only: the shop reads on, nothing is half-written,
nothing that was answered is lost, and it recovers by itself.

The full disk is a tmpfs of 64 MB in a mount namespace of its own, with a stranger's file on it that takes what is free;
the read-only one is played by machine.c.
"""
import contextlib
import itertools
import os
import sys
import threading
import time

import machine
import store_day
import till

DISK_MB, RESERVE_MB = 64, 4
CLERKS, PAUSE_S = 4, 0.02  # they must not fill the disk themselves
PRICE = 1_250
SETTINGS = till.CONFIG | {"disk.reserve_mib": RESERVE_MB, "limits.public_per_s": 0}
CSV, LISTED = {"Content-Type": "text/csv"}, 8_000
TEA = {"name": "Tea", "sku": "TEA", "price": PRICE, "currency": "GBP", "tax_class": "standard", "unit": "piece",
       "stock": 0}


def sale():
    return {"fulfilment": "counter", "lines": [{"sku": "TEA", "quantity": 1000}],
            "payments": [{"method": "cash", "tendered": PRICE}]}


def price_list():
    return ("sku,name,price,tax_class\n" + "".join(f"L{n},Number {n},1.00,standard\n" for n in range(LISTED))).encode()


class Clerk(threading.Thread):
    """Sells until told to stop; a sale that is not answered with 201 is asked for again, with the same key."""

    def __init__(self, house, number, book, closing):
        super().__init__()
        self.house, self.number, self.book, self.closing = house, number, book, closing
        self.client = house.client(timeout_s=10)

    def run(self):
        for n in itertools.count():
            while not self.closing.is_set():
                if self.ask(f"{self.number}-{n}"):
                    break
            if self.closing.is_set():
                return

    def ask(self, key):
        try:
            answer = self.client.call("POST", "/api/v1/orders", sale(), key=key)
        except till.GONE:
            time.sleep(PAUSE_S)
            return False
        self.book.enter(key, answer)
        time.sleep(PAUSE_S)
        return answer.status == 201


class Book:
    """What was answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sold, self.statuses, self.odd = {}, [], []

    def enter(self, key, answer):
        with self.lock:
            self.statuses.append(answer.status)
            if answer.status == 201:
                self.sold[key] = answer.json["id"]
            elif answer.status not in (503, 507):
                self.odd.append(str(answer))

    def since(self, mark):
        with self.lock:
            return self.statuses[mark:]


@contextlib.contextmanager
def selling(house, book):
    closing = threading.Event()
    clerks = [Clerk(house, f"{len(book.statuses)}.{n}", book, closing) for n in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    try:
        yield
    finally:
        closing.set()
        for clerk in clerks:
            clerk.join()


def until(true, limit_s=15):
    """Seconds until true() is; None: it never was."""
    began = time.monotonic()
    while time.monotonic() - began < limit_s:
        if true():
            return time.monotonic() - began
        time.sleep(0.05)
    return None


def check_books(report, house, book, what):
    shop = house.login()
    listed = [order["id"] for order in shop.pages("/api/v1/orders")]
    report.equal(f"{what}: no order twice", len(set(listed)), len(listed))
    report.none(f"{what}: all {len(book.sold)} answered sales are there", list(set(book.sold.values()) - set(listed)))
    product = next(row for row in shop.pages("/api/v1/products") if row["sku"] == "TEA")["id"]
    stock = shop.must(200, "GET", f"/api/v1/inventory/{product}")["on_hand"]
    report.equal(f"{what}: what lies on the shelf is what the orders left there", -1000 * len(listed), stock)
    store_day.check_chain(house, shop, report, len(listed))
    report.none(f"{what}: all answers were 201, 503 or 507", book.odd)


def check_reserve_freed(report, house, book, ballast):
    """The disk runs full while clerks sell and a price list is imported: at most one group is refused, then the reserve
    is there to sell from. Returns the import's path."""
    shop = house.client()
    job = shop.must(202, "POST", "/api/v1/products/imports", price_list(), headers=CSV)
    mark = len(book.statuses)
    ballast.grow()
    freed = until(lambda: not (house.data / "reserve").exists())
    report.check("full: the reserve is freed", freed is not None, "freed by the first write without room", "kept")
    refused = book.since(mark).count(507)
    mark = len(book.statuses)
    report.check("full: the shop sells on", until(lambda: book.since(mark).count(201) > 200) is not None,
                 "200 more sales", book.since(mark)[-10:])
    print(f"      {refused} sales were refused before that")
    report.equal("full: ready says that room is short", '{"status":"cramped"}', shop.get("/readyz").body.decode())
    report.equal("full: an import gives way", 507,
                 shop.call("POST", "/api/v1/products/imports", price_list(), headers=CSV).status)
    backup = house.cli("backup", house.home / "backup.db", check=False)
    report.check("full: a backup gives way", backup.returncode == 1 and "nearly full" in backup.stderr,
                 "exit 1, and why", backup)
    report.equal("full: the metric says it", 0.0, house.counted("tilld_disk_reserve_held"))
    said = house.log.read_text().count("the disk is full")
    report.equal("full: the log says it once", 1, said)
    doctor = house.cli("doctor", check=False)
    report.check("full: the doctor says it, and what to do",
                 doctor.returncode == 1 and "reserve" in doctor.stdout and "make room" in doctor.stdout,
                 "WRONG … reserve … make room", doctor.stdout)
    return f"/api/v1/products/imports/{job['id']}"


def check_used_up(report, house, book, ballast):
    """The stranger takes what was freed, too: until nothing is sold any more."""
    shop = house.client()

    def refused():
        ballast.grow()
        return len(last := book.since(-20)) == 20 and set(last) == {507}
    report.check("used up: writes are refused", until(refused, 30) is not None, "507 for all",
                 book.since(-20))
    report.equal("used up: reads go on", {200},
                 {shop.get("/api/v1/products").status, shop.get("/api/v1/orders?limit=10").status})
    report.equal("used up: not ready, and why", 507, shop.get("/readyz").status)
    before = house.memory_kb()
    time.sleep(1)
    report.at_most("used up: memory stays", 2048, house.memory_kb() - before, "KB more")


def refusals(house, since):
    """The lines with which starts were refused."""
    return [line for line in house.log.read_text()[since:].splitlines() if line.startswith("tilld:")]


def check_killed(report, house):
    """kill -9 on the full disk: it comes up and reads on; where not even that finds room, it says so in one line, as
    often as systemd tries."""
    house.kill()
    before = house.log.stat().st_size
    house.spawn()
    if until(lambda: house.process.poll() is not None, 2) is None:
        return report.equal("killed on a full disk: comes up, and reads go on", 200,
                            house.client().get("/api/v1/orders").status)
    said = refusals(house, before)
    return report.check("killed on a full disk: refused in one line", house.process.returncode == 1 and len(said) == 1,
                        "exit 1 and one line", (house.process.returncode, said))


def check_recovery(report, house, book, ballast, job):
    began, mark = time.monotonic(), len(book.statuses)
    ballast.go()
    if house.process.poll() is not None:
        house.start()  # as systemd would, every 500 ms
    report.check("room again: it sells", until(lambda: book.since(mark)[-20:].count(201) == 20) is not None, "201s",
                 book.since(mark)[-20:])
    print(f"      after {time.monotonic() - began:.1f} s")
    shop = house.login()
    report.check("room again: the reserve is back", until(lambda: (house.data / "reserve").exists()) is not None,
                 "made again within seconds", os.listdir(house.data))
    report.check("room again: ready", until(lambda: b'"ready"' in shop.get("/readyz").body, 3) is not None, "ready",
                 shop.get("/readyz"))
    report.check("room again: the price list ends with every row",
                 until(lambda: shop.get(job).json["status"] != "RUNNING", 60) is not None
                 and ("DONE", LISTED, 0) == tuple(shop.get(job).json[k] for k in ("status", "total", "refused")),
                 f"DONE, {LISTED} rows", shop.get(job))


def full_disk(report, args):
    if not machine.in_own_mounts():
        return print("full disk: skipped, this machine lets nobody mount a disk of his own")
    with till.Till(args.tilld, SETTINGS) as house:
        disk = house.home / "disk"
        machine.mount_disk(disk, DISK_MB)
        house.data, book, ballast = disk / "data", Book(), machine.Ballast(disk)
        house.open_with_manager().must(201, "POST", "/api/v1/products", TEA)
        for round_ in ("first", "second"):
            print(f"      the disk is full for the {round_} time")
            with selling(house, book):
                if round_ == "first":
                    job = check_reserve_freed(report, house, book, ballast)
                check_used_up(report, house, book, ballast)
                if round_ == "second":
                    check_killed(report, house)
                check_recovery(report, house, book, ballast, job)
            check_books(report, house, book, round_)
        check_start_on_full_disk(report, house, ballast)
    return None


def check_start_on_full_disk(report, house, ballast):
    """A disk that ran full while tilld was not running: the reserve is what it starts from."""
    report.equal("stop: exit code", 0, house.stop())
    ballast.grow()
    house.start()
    report.check("start on a full disk: out of the reserve", not (house.data / "reserve").exists(), "freed", "kept")
    report.equal("start on a full disk: sells", 201,
                 house.login().call("POST", "/api/v1/orders", sale(), key="from-the-reserve").status)
    report.equal("stop: exit code", 0, house.stop())
    ballast.go()


def read_only(report, args):
    with till.Till(args.tilld, SETTINGS) as house:
        turned = machine.Machine(house)
        book = Book()
        house.open_with_manager().must(201, "POST", "/api/v1/products", TEA)
        with selling(house, book):
            report.check("before: sells", until(lambda: len(book.sold) > 50) is not None, "sales", book.since(0)[-5:])
            turned.set_disk(machine.READ_ONLY)
            report.check("read-only: writes are refused", until(lambda: set(book.since(-20)) == {503}) is not None,
                         "503 for all", book.since(-20))
            time.sleep(7)  # longer than it waits between two looks at the disk
            shop = house.client()
            report.equal("read-only: it does not end", None, house.process.poll())
            report.equal("read-only: reads go on", {200},
                         {shop.get("/api/v1/products").status, shop.get("/api/v1/orders?limit=10").status})
            report.equal("read-only: not ready", 503, shop.get("/readyz").status)
            doctor = house.cli("doctor", check=False).stdout
            report.check("read-only: the doctor says so", "read-only" in doctor and "cannot sell" in doctor,
                         "read-only, cannot sell", doctor)
            turned.set_disk(machine.FINE)
            report.equal("writable again: it ends, to be started anew", 1, house.process.wait(15))
            house.start()
            mark = len(book.statuses)
            report.check("after that it sells", until(lambda: book.since(mark).count(201) > 20) is not None, "201s",
                         book.since(mark)[-5:])
        check_books(report, house, book, "read-only")
        report.equal("stop: exit code", 0, house.stop())
        turned.set_disk(machine.READ_ONLY)
        before = house.log.stat().st_size
        house.spawn()
        report.equal("start on a read-only disk: exit code", 1, house.process.wait(10))
        said = refusals(house, before)
        report.check("start on a read-only disk: one line that names the place",
                     len(said) == 1 and str(house.data) in said[0], "one line", said)


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    full_disk(report, args)
    read_only(report, args)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
