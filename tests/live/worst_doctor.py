#!/usr/bin/env python3
"""What `tilld doctor` says of each worst case, and that it says what to do: one row a case, each on a fresh copy of a
shop that is well. Read-only and full disks, and clocks, are asked about where they are made: worst_disk, worst_clock.
"""
import collections
import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time

import machine
import till

Case = collections.namedtuple("Case", "name spoil grade says advice")


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0x40]))


def other_key(house):
    key = house.data / "device.key"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True,
                   capture_output=True)


def reserve_of_holes(house):
    os.truncate(house.data / "reserve", 0)
    os.truncate(house.data / "reserve", 16 << 20)


def put_aside(house):
    for suffix in ("", "-wal", "-seal", ".txt"):
        (house.data / f"shop.db.damaged-1800000000{suffix}").touch()


def cases():
    """What is done to the folder, and what must be said of it."""
    def of(name, act):
        return lambda house: act(house.data / name)

    rows = [
        Case("folder missing", lambda house: shutil.rmtree(house.data), "WRONG", "data: is missing", "tilld init"),
        Case("folder is a file", lambda house: (shutil.rmtree(house.data), house.data.touch()), "WRONG", "is no folder",
             "remove the file"),
        Case("others may read", lambda house: house.data.chmod(0o750), "WRONG", "others may read it", "chmod 700"),
        Case("reserve missing", of("reserve", lambda p: p.unlink()), "WRONG", "the reserve for a full disk is missing",
             "comes back"),
        Case("reserve in name only", reserve_of_holes, "WRONG", "the reserve for a full disk is missing", "comes back"),
        Case("database missing", of("shop.db", lambda p: p.unlink()), "WRONG", "shop.db", ""),
        Case("database foreign", of("shop.db", lambda p: p.write_bytes(b"Dear aunt, " * 500)), "WRONG", "shop.db",
             "restore"),
        Case("database damaged", of("shop.db", lambda p: flip(p, 5 * 1024 + 700)), "WRONG", "damaged", "restore"),
        Case("database cut off", of("shop.db", lambda p: os.truncate(p, p.stat().st_size // 2)), "WRONG", "shop.db",
             "restore"),
        Case("damaged database put aside", put_aside, "note", "a damaged database, put aside", "may be deleted"),
        Case("replaced by a restore", of("shop.db.replaced-1800000000", lambda p: p.touch()), "note",
             "a restore replaced", "may be deleted"),
        Case("secret for all", of("token.key", lambda p: p.chmod(0o644)), "WRONG", "token.key: others may read",
             "chmod 600"),
        Case("password for the group", of("admin-password", lambda p: p.chmod(0o640)), "WRONG",
             "admin-password: others may read", "chmod 600"),
        Case("secret cut off", of("token.key", lambda p: os.truncate(p, 7)), "WRONG", "must hold 32 bytes",
             "remove it"),
        Case("secret is a dead link", of("token.key", lambda p: (p.unlink(), p.symlink_to("/nowhere"))), "WRONG",
             "token.key: cannot be read", "user of its folder"),
        Case("certificate is none", of("device.crt", lambda p: p.write_text("hello")), "WRONG",
             "device.crt: Not a certificate", "paired again"),
        Case("certificate expired", lambda house: house.machine.set_clock(2040), "WRONG", "device.crt: expired at",
             "paired again"),
        Case("certificate of another key", other_key, "WRONG", "does not belong to", "paired again"),
        Case("key missing", of("device.key", lambda p: p.unlink()), "WRONG", "device.key", "paired again"),
    ]
    if os.geteuid() == 0:
        rows.append(Case("a file of another user", of("shop.db", lambda p: os.chown(p, 12345, 12345)), "WRONG",
                         "belongs to another user", "chown -R"))
    return rows


def grades(said):
    """The first words of the lines that are findings."""
    return [line.split()[0] for line in said.splitlines() if not line.startswith(" ")]


def judge(report, house, case):
    done = house.cli("doctor", check=False)
    lines = done.stdout.splitlines()
    found = [n for n, line in enumerate(lines) if line.startswith(case.grade) and case.says in line]
    report.check(f"{case.name}: {case.grade} … {case.says}", bool(found), "to be said", done.stdout + done.stderr)
    report.check("  and what to do", any(case.advice in lines[n + 1] for n in found if n + 1 < len(lines)), case.advice,
                 done.stdout)
    report.equal("  exit code", int("WRONG" in grades(done.stdout)), done.returncode)
    order = ["ok", "note", "WRONG"]
    report.check("  the worst last", grades(done.stdout) == sorted(grades(done.stdout), key=order.index), order,
                 grades(done.stdout))


@contextlib.contextmanager
def running(house, **settings):
    house.config.write_text(till.json.dumps(till.CONFIG | settings))
    house.start()
    try:
        yield
    finally:
        house.stop()
        house.config.write_text(till.json.dumps(till.CONFIG))


def check_places(report, house):
    """Ports, other processes, and what only a running tilld knows."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        house.config.write_text(till.json.dumps(till.CONFIG | {"http.listen": [f"127.0.0.1:{taken}"]}))
        judge(report, house, Case("port taken", None, "WRONG", f"cannot listen on 127.0.0.1:{taken}", "ss -ltnp"))
        house.config.write_text(till.json.dumps(till.CONFIG | {"http.listen": [f"127.0.0.1:{house.port}"]}))
    judge(report, house, Case("not running", None, "note", "tilld is not running", "systemctl start"))
    folder = os.open(house.data, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    judge(report, house, Case("another process in the folder", None, "WRONG", "another process works here", "fuser"))
    os.close(folder)
    with running(house):
        judge(report, house, Case("unwatched", None, "note", "nobody watches tilld", "WatchdogSec"))
        said = house.cli("doctor", check=False).stdout
        report.check("running: said to be", "ok    tilld: runs and is ready" in said, "runs and is ready", said)
    with running(house, **{"http.max_connections": 100_000}):
        judge(report, house, Case("too few files", None, "note", "files; http.max_connections wants", "LimitNOFILE"))
    with running(house, **{"mqtt.url": f"mqtt://127.0.0.1:{till.free_port()}"}):
        time.sleep(1)
        judge(report, house, Case("headquarters away", None, "WRONG", "no connection", "the shop sells on"))


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with till.Till(args.tilld) as house:
        house.machine = machine.Machine(house)
        house.config.write_text(till.json.dumps(till.CONFIG | {"http.listen": [f"127.0.0.1:{house.port}"]}))
        house.cli("init")
        fine = house.cli("doctor", check=False)
        report.equal("a shop that is well: nothing wrong, exit code 0", (0, 0),
                     (fine.returncode, fine.stdout.count("WRONG")))
        clean = house.home / "clean"
        shutil.copytree(house.data, clean)
        for case in cases():
            case.spoil(house)
            judge(report, house, case)
            house.machine.set_clock(*time.gmtime()[:6])
            if house.data.is_dir():
                shutil.rmtree(house.data)
            else:
                house.data.unlink(missing_ok=True)
            shutil.copytree(clean, house.data)
        check_places(report, house)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
