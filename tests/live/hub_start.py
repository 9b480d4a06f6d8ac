#!/usr/bin/env python3
"""A hub alone, as an operations engineer first meets it: users before and while it runs, the one-time password, what
it tells of itself, what it refuses to start on, and its end by SIGTERM and kill -9. No broker is there. Called by
tests/run.

    tests/live/hub_start.py [--tilld build/tilld]     (tillhub is taken from beside it)
"""
import json
import pathlib
import sqlite3
import stat
import subprocess

import estate
import till

IDLE_KB = 24 * 1024
ADMIN = "admin@shop.local"


def one_line(text, *parts):
    """Is it one line that names all of these?"""
    return text.count("\n") == 1 and all(part in text for part in parts)


def refused(report, hub, what, words, *parts):
    """A verb that must end with 1 and one line on stderr."""
    done = hub.cli(*words, check=False)
    report.equal(f"{what}: exit code", 1, done.returncode)
    report.check(f"{what}: one line that says why", one_line(done.stderr, "tillhub: ", *parts), parts, done.stderr)


def usage(report, hub):
    for words in ([], ["sell"], ["user", "add", "--role", "manager"], ["serve", "--no-such-flag"]):
        done = subprocess.run([hub.binary, *words], capture_output=True, text=True, timeout=10)
        report.equal(f"wrong usage {words}: exit code", 2, done.returncode)
    done = subprocess.run([hub.binary, "--help"], capture_output=True, text=True, timeout=10)
    report.check("--help tells of the verbs", done.returncode == 0 and "serve" in done.stdout, "serve", done.stdout)
    shipped = (till.ROOT / "config/tillhub.json").read_text(encoding="utf-8")
    report.equal("`config` prints the file that ships", shipped, hub.cli("config").stdout)


def first_start(report, hub):
    """Users on a stopped hub, then the hub with them. → the manager's client"""
    hub.add_user()
    database = pathlib.Path(hub.home, "data/hub.db")
    report.check("`user add` on nothing makes the database", database.exists(), True, False)
    took = hub.start()
    report.at_most("ready", 2, took, "s")
    report.equal("mode of its folder", 0o700, stat.S_IMODE(database.parent.stat().st_mode))
    report.equal("mode of the control socket", 0o600, stat.S_IMODE((database.parent / "control.sock").stat().st_mode))
    client = hub.login()
    report.equal("the manager is who he is", till.EMAIL, client.must(200, "GET", "/api/v1/auth/me")["email"])
    return client


def one_time_password(report, hub):
    """The first admin's password holds once: nothing else may be done with it, and its file goes with it."""
    file = pathlib.Path(hub.home, "data/admin-password")
    password = file.read_text(encoding="utf-8").strip()
    admin = hub.login(ADMIN, password)
    report.equal("with the one-time password nothing but changing it", 403, admin.get("/api/v1/users").status)
    change = {"old_password": password, "new_password": "another counter in the rain"}
    changed = admin.call("POST", "/api/v1/auth/password", change)
    report.check("it can be changed", changed.status < 300, "2xx", changed)
    report.check("then its file is gone", not file.exists(), False, True)


def at_work(report, hub, client):
    hub.add_user("boss@shop.test", "admin")
    users = hub.cli("user", "list").stdout
    report.check("`user add` beside a running hub is there at once", "boss@shop.test" in users, "boss@shop.test", users)
    report.equal("`doctor` beside a running hub: exit code", 0, hub.cli("doctor", check=False).returncode)
    hub.cli("user", "passwd", "--email", till.EMAIL, "--password-stdin", stdin="a third counter in the rain\n")
    report.equal("a new password ends his sessions", 401, client.get("/api/v1/auth/me").status)
    hub.login(password="a third counter in the rain")
    copy = hub.home / "copy.db"
    hub.cli("backup", copy)
    with sqlite3.connect(copy) as db:
        report.equal("a backup is whole", ("ok",), db.execute("PRAGMA integrity_check").fetchone())
        report.equal("and has the users", (3,), db.execute("SELECT count(*) FROM users").fetchone())
    refused(report, hub, "a backup over a backup", ["backup", copy], str(copy))
    document = json.loads(hub.cli("openapi").stdout)
    report.equal("`openapi` is the document that it serves", json.loads(till.Client(hub.port).get(
        "/api/v1/openapi.json").body), document)
    metrics = till.Client(hub.port).get("/metrics").body.decode()
    report.check("its series bear its name", "tillhub_writer_jobs" in metrics, "tillhub_…", metrics[:200])
    report.at_most("memory when idle", IDLE_KB, hub.memory_kb(), "KB")


def refusals(report, hub):
    """Beside a running hub: a second one, and what it will not start on."""
    folder = str(hub.home / "data")
    refused(report, hub, "a second hub on the same folder", ["serve"], folder, "another tillhub")
    refused(report, hub, "a tenant with a blank", ["user", "list", "--tenant", "a b"], "hub.tenant")
    for what, url, word in (("PostgreSQL", "postgresql://hub@db/till", "SQLite"), ("no URL", "hub.db", "sqlite:FILE")):
        done = subprocess.run([hub.binary, "serve", "--db", url], capture_output=True, text=True, timeout=10)
        fine = done.returncode == 1 and one_line(done.stderr, word)
        report.check(f"{what} is refused in one line", fine, word, done.stderr)
    done = subprocess.run([hub.binary, "serve", "--db", f"sqlite:{hub.home}/other/hub.db", "--listen",
                           f"127.0.0.1:{hub.port}"], capture_output=True, text=True, timeout=10)
    fine = done.returncode == 1 and str(hub.port) in done.stderr
    report.check("a taken port is told in words", fine, hub.port, done.stderr)


def ends(report, hub):
    report.equal("SIGTERM: exit code", 0, hub.stop())
    report.check("no control socket is left", not (hub.home / "data/control.sock").exists(), False, True)
    refused(report, hub, "another tenant than the database's", ["serve", "--tenant", "other"], "hub.tenant", "shop")
    hub.start()
    hub.kill()
    report.at_most("ready after kill -9", 2, hub.start(), "s")
    hub.login(password="a third counter in the rain")
    report.equal("and SIGTERM again: exit code", 0, hub.stop())


def damage(report, hub):
    """A page of the stopped hub's database is overwritten: `doctor` says so, in one place and with what to do."""
    database = hub.home / "data/hub.db"
    with open(database, "r+b") as file:
        file.seek(9 * 1024)
        file.write(b"x" * 1024)
    found = hub.cli("doctor", check=False)
    report.equal("`doctor` on a damaged database: exit code", 1, found.returncode)
    fine = found.stdout.count("WRONG") == 1 and "backup" in found.stdout
    report.check("and it names the cure", fine, "WRONG … backup", found.stdout)


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with estate.Hub(args.tillhub, "mqtt://127.0.0.1:1") as hub:  # nobody listens there: a hub without its broker runs
        usage(report, hub)
        client = first_start(report, hub)
        one_time_password(report, hub)
        at_work(report, hub, client)
        refusals(report, hub)
        ends(report, hub)
        damage(report, hub)
    return report.end()


if __name__ == "__main__":
    raise SystemExit(main())
