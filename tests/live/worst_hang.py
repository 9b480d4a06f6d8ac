#!/usr/bin/env python3
"""A daemon that hangs is killed and started anew, as systemd does it, and nothing answered is lost; a log that nobody
reads does not hang it.

The script is systemd: it listens at $NOTIFY_SOCKET, and where WATCHDOG=1 stays away it kills and starts again.
"""
import configparser
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import machine
import till

PRICE = 1_250
LIMIT_S = 4  # of the watchdog here; the units' is longer
SETTINGS = till.CONFIG | {"limits.public_per_s": 0, "limits.strict_per_min": 0}
TEA = {"name": "Tea", "sku": "TEA", "price": PRICE, "currency": "GBP", "tax_class": "standard", "unit": "piece",
       "stock": 0}
STORM_S, STRANGERS = 3, 4
FLAT_KB = 8192  # thousands of sales are made on the way: the writer's and readers' page caches (2 MiB each) fill up


def sell(shop, key):
    body = {"fulfilment": "counter", "lines": [{"sku": "TEA", "quantity": 1000}],
            "payments": [{"method": "cash", "tendered": PRICE}]}
    return shop.call("POST", "/api/v1/orders", body, key=key)


class Guarded:
    """A till under the watch of this script."""

    def __init__(self, report, house):
        self.report, self.house = report, house
        self.machine = machine.Machine(house)
        self.systemd = machine.Systemd(house, LIMIT_S)
        self.sold = {}
        self.shop = house.open_with_manager()
        self.shop.must(201, "POST", "/api/v1/products", TEA)

    def sells(self, what, key):
        answer = sell(self.shop, key)
        self.report.equal(what, 201, answer.status)
        self.sold[key] = answer.json.get("id")

    def restart(self, what):
        """As systemd would, the watchdog's time being over."""
        self.systemd.forget()
        self.report.equal(f"{what}: the watchdog is not fed", None, self.systemd.hears("WATCHDOG=1", LIMIT_S))
        self.house.kill()
        self.machine.set_disk(machine.FINE)
        self.systemd.forget()
        self.report.at_most(f"{what}: ready again", 2.0, self.house.start(), "s")
        self.report.check(f"{what}: systemd is told", self.systemd.hears("READY=1", 2) is not None, "READY=1", "none")
        self.shop = self.house.client()
        listed = {order["id"] for order in self.shop.pages("/api/v1/orders")}
        self.report.equal(f"{what}: every answered sale is there", set(), set(self.sold.values()) - listed)


def check_fed(report, guarded):
    guarded.systemd.forget()
    gaps = [guarded.systemd.hears("WATCHDOG=1", LIMIT_S) for _ in range(3)]
    report.check("idle: the watchdog is fed every second or two", all(gap is not None and gap < 2.5 for gap in gaps),
                 "less than 2.5 s apart", gaps)


def check_stopped(guarded):
    guarded.sells("SIGSTOP: a sale before", "before-stop")
    os.kill(guarded.house.process.pid, signal.SIGSTOP)
    guarded.restart("SIGSTOP")


def check_stuck_disk(report, guarded):
    """The disk does not come back from a write: the writer hangs, the door does not."""
    guarded.sells("stuck disk: a sale before", "before-stuck")
    guarded.machine.set_disk(machine.STUCK)
    hanging = guarded.house.client(timeout_s=2)
    try:
        report.equal("stuck disk: a sale is not answered", "nothing", sell(hanging, "stuck").status)
    except till.GONE:
        report.equal("stuck disk: a sale is not answered", "nothing", "nothing")
    report.equal("stuck disk: reads are", 200, guarded.house.client(timeout_s=2).get("/api/v1/products").status)
    guarded.restart("stuck disk")
    guarded.sells("stuck disk: the sale without an answer, again", "stuck")
    listed = [order["id"] for order in guarded.shop.pages("/api/v1/orders")]
    report.equal("  it is there once", 1, listed.count(guarded.sold["stuck"]))


def check_locked(report, guarded):
    """Another program holds the database's write lock: sales wait or are told to come again; it is no hang."""
    other = sqlite3.connect(guarded.house.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    guarded.systemd.forget()
    answer = sell(guarded.shop, "locked")
    report.equal("locked: come again", (503, True), (answer.status, "retry-after" in answer.headers))
    report.equal("locked: reads go on", 200, guarded.shop.get("/api/v1/products").status)
    fed = guarded.systemd.hears("WATCHDOG=1", LIMIT_S)
    report.check("locked: it is no hang", fed is not None, "WATCHDOG=1", "nothing")
    other.execute("ROLLBACK")
    other.close()
    guarded.sells("locked: and after it sells", "locked")


def check_units(report):
    for name in ("tilld", "tillhub"):
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read(till.ROOT / "systemd" / f"{name}.service")
        service = unit["Service"]
        report.equal(f"{name}.service: started again, always, by the watchdog too", ("always", "notify", "0"),
                     (service["Restart"], service["Type"], unit["Unit"]["StartLimitIntervalSec"]))
        report.check(f"{name}.service: a hang is over within 30 s", 5 <= int(service["WatchdogSec"]) <= 28, "5 to 28 s",
                     service["WatchdogSec"])


class Stranger(threading.Thread):
    """Sends what is refused and logged, as fast as it is answered."""

    def __init__(self, house, over):
        super().__init__()
        self.client, self.over, self.asked = till.Client(house.port, "no-token", timeout_s=10), over, 0

    def run(self):
        while not self.over.is_set():
            self.client.call("POST", "/api/v1/auth/login", {"email": f"{self.asked}@x.test", "password": "x" * 500})
            self.asked += 1


def storm(house):
    """The sales' slowest answer and how many requests were refused beside them."""
    over, slowest = threading.Event(), 0.0
    strangers = [Stranger(house, over) for _ in range(STRANGERS)]
    for stranger in strangers:
        stranger.start()
    shop, began, n = house.client(), time.monotonic(), 0
    while time.monotonic() - began < STORM_S:
        asked = time.monotonic()
        if sell(shop, f"storm-{began}-{n}").status != 201:
            raise SystemExit("no sale beside the storm")
        slowest, n = max(slowest, time.monotonic() - asked), n + 1
    over.set()
    for stranger in strangers:
        stranger.join()
    return slowest, sum(stranger.asked for stranger in strangers)


def check_log(report, args):
    """stderr is a pipe that nobody reads, and then one without a reader."""
    with till.Till(args.tilld, SETTINGS | {"log.level": "debug"}) as house:
        shop = house.open_with_manager()
        shop.must(201, "POST", "/api/v1/products", TEA)
        house.stop()
        reader, writer = os.pipe()
        house.process = subprocess.Popen(house.serve_command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=writer)
        os.close(writer)
        house.wait_ready()
        house.token = house.login().token
        storm(house)
        before = house.memory_kb()
        for what in ("nobody reads", "nobody can read any more"):
            slowest, asked = storm(house)
            print(f"      {asked} refused in {STORM_S} s, the slowest sale beside them {1000 * slowest:.0f} ms")
            report.at_most(f"log that {what}: a sale beside the storm", 1.0, slowest, "s")
            report.check("  lines that were lost are counted", house.counted("tilld_log_lines_lost") > 0, "more than 0",
                         house.counted("tilld_log_lines_lost"))
            if reader >= 0:
                os.close(reader)
                reader = -1
        report.at_most("log: memory, above before", FLAT_KB, house.memory_kb() - before, "KB")
        report.equal("log: it still runs", None, house.process.poll())
        report.equal("log: stop: exit code", 0, house.stop())


def check_log_on_full_disk(report, args):
    with till.Till(args.tilld, SETTINGS) as house:
        house.log = pathlib.Path("/dev/full")
        report.equal("log on a full disk: sells", 200, house.open_with_manager().get("/api/v1/orders").status)
        report.equal("log on a full disk: stop: exit code", 0, house.stop())


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    check_units(report)
    with till.Till(args.tilld, SETTINGS) as house:
        guarded = Guarded(report, house)
        check_fed(report, guarded)
        check_locked(report, guarded)
        check_stopped(guarded)
        check_stuck_disk(report, guarded)
        report.equal("stop: exit code", 0, house.stop())
    check_log(report, args)
    check_log_on_full_disk(report, args)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
