"""A daemon of ours under test: starts and ends it in a temporary directory, speaks HTTP to it, counts what held.

Used by all live tests; estate.py makes several of them into a tenant. Standard library only; every daemon listens on
loopback and is ended by its own process id, also when the script is interrupted. It knows no shop rules: those are in
retail.py.
"""
import argparse
import atexit
import contextlib
import http.client
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAY = ROOT / "tests" / "live" / "data" / "2010-12-22.csv.gz"
EMAIL = "manager@shop.test"
PASSWORD = "a counter in the rain 1843"
TAX_PPM = 175_000  # the United Kingdom's standard rate in December 2010
CONFIG = {"store.currency": "GBP", "tax.classes": [f"standard={TAX_PPM}"]}

GONE = (ConnectionError, http.client.HTTPException, TimeoutError, OSError)  # an unanswered request, whatever the cause


class Answer:
    """Status, headers (names in lower case) and the exact bytes of a body."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.body[:300].decode(errors='replace')}"


class Client:
    """One keep-alive connection. It never repeats a request by itself: whether that is right its caller knows."""

    def __init__(self, port, token="", timeout_s=30):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
        self.token = token

    def call(self, method, path, body=None, *, key=None, headers=None):
        send = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            send["Content-Type"] = "application/json"
        if key is not None:
            send["Idempotency-Key"] = key
        send.update(headers or {})
        try:
            self.connection.request(method, path, body, send)
            answer = self.connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        except GONE:
            self.connection.close()
            raise

    def get(self, path):
        return self.call("GET", path)

    def must(self, status, method, path, body=None, **more):
        """The parsed answer, or the end of the script: for steps without which the rest means nothing."""
        answer = self.call(method, path, body, **more)
        if answer.status != status:
            raise SystemExit(f"{method} {path}: expected {status}, got {answer}")
        return answer.json if answer.body else None

    def pages(self, path):
        """All rows of a list, over its cursor."""
        cursor = ""
        while cursor is not None:
            join = "&" if "?" in path else "?"
            page = self.must(200, "GET", f"{path}{join}limit=200" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page.get("next")

    def close(self):
        self.connection.close()


class Program:
    """One process of ours and its directory. `with Till(args.tilld) as till:` leaves neither behind."""

    name = ""  # of the program, its configuration file and its log

    def __init__(self, binary, config):
        self.binary = str(pathlib.Path(binary).resolve())
        self.home = pathlib.Path(tempfile.mkdtemp(prefix=f"{self.name}-live-"))
        self.config = self.home / f"{self.name}.json"
        self.config.write_text(json.dumps(config))
        self.log = self.home / f"{self.name}.log"
        self.port = free_port()
        self.process = None
        self.environment = None  # of the process; None: this one's
        self.token = ""
        atexit.register(self.close)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def place(self):
        """The flags that say where its data lies."""
        raise NotImplementedError

    def cli(self, *words, stdin="", check=True):
        """Runs a verb on this program's data; ends the script if it fails and `check` is set."""
        words = [*map(str, words), *self.place(), "--config", str(self.config)]
        done = subprocess.run([self.binary, *words], input=stdin, text=True, capture_output=True, timeout=120,
                              check=False, env=self.environment)
        if check and done.returncode != 0:
            raise SystemExit(f"{self.name} {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def add_user(self, email=EMAIL, role="manager", password=PASSWORD):
        self.cli("user", "add", "--email", email, "--role", role, "--name", role.title(), "--password-stdin",
                 stdin=password + "\n")

    def serve_command(self, port=None):
        listen = f"127.0.0.1:{port or self.port}"
        return [self.binary, "serve", *self.place(), "--config", str(self.config), "--listen", listen]

    def spawn(self):
        """Starts the process and returns at once."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.serve_command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.environment)

    def wait_ready(self, limit_s=10.0):
        """Seconds until /readyz said 200. Ends the script with the daemon's last words if it never does."""
        began = time.monotonic()
        while time.monotonic() - began < limit_s:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(*GONE):
                probe = Client(self.port, timeout_s=1)
                ready = probe.get("/readyz").status == 200
                probe.close()
                if ready:
                    return time.monotonic() - began
            time.sleep(0.002)
        raise SystemExit(f"{self.name} is not ready after {limit_s} s (exit {self.process.poll()})\n"
                         f"{self.last_words()}")

    def start(self):
        self.spawn()
        return self.wait_ready()

    def open_with_manager(self):
        """A first start, serving; returns the one manager's client."""
        self.add_user()
        self.start()
        return self.login()

    def login(self, email=EMAIL, password=PASSWORD):
        client = Client(self.port)
        answer = client.must(200, "POST", "/api/v1/auth/login", {"email": email, "password": password})
        client.token = self.token = answer["access_token"]
        return client

    def client(self, timeout_s=30):
        return Client(self.port, self.token, timeout_s)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, limit_s=10):
        """Asks it to end and returns the exit code."""
        self.process.terminate()
        return self.process.wait(limit_s)

    def memory_kb(self, field="VmRSS"):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(field + ":"))

    def forget_peak(self):
        """VmHWM counts anew from here."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def counted(self, metric):
        """The sum of a counter of /metrics over its labels."""
        lines = Client(self.port).get("/metrics").body.decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(metric + r"[ {]", line))

    def last_words(self):
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


class Till(Program):
    """A tilld."""

    name = "tilld"

    def __init__(self, tilld, config=None):
        super().__init__(tilld, CONFIG if config is None else config)
        self.data = self.home / "data"

    def place(self):
        return ["--data", str(self.data)]

    @property
    def database(self):
        return self.data / "shop.db"


class Report:
    """Counts checks; a failed one says what, expected, got and the seed."""

    def __init__(self, seed=None):
        self.seed, self.passed, self.failed = seed, 0, 0
        self.began = time.monotonic()

    def check(self, what, held, expected, got):
        if held:
            self.passed += 1
            print(f"ok    {what}")
        else:
            seed = "" if self.seed is None else f"\n      seed     {self.seed}"
            self.failed += 1
            print(f"FAIL  {what}\n      expected {expected}\n      got      {str(got)[:1500]}{seed}")
        sys.stdout.flush()

    def equal(self, what, expected, got):
        self.check(what, expected == got, expected, got)

    def at_most(self, what, limit, got, unit=""):
        self.check(f"{what}: {round(got, 3)} {unit}".rstrip(), got <= limit, f"at most {limit} {unit}", f"{got} {unit}")

    def none(self, what, wrong):
        """`wrong` lists what is not as it should be; the first five are shown."""
        self.check(what, not wrong, "nothing wrong", f"{len(wrong)} wrong, the first: {wrong[:5]}")

    def end(self):
        print(f"{time.monotonic() - self.began:.1f} s")
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


def has_data(wire, wait_ms=0):
    """Is there something to read, or an end to see?"""
    poll = select.poll()  # not select(), which knows 1,024 files
    poll.register(wire, select.POLLIN)
    return bool(poll.poll(wait_ms))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def arguments(description, **extra):
    """The command line all scripts share, and `extra`: name → keywords of add_argument."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--tilld", default=os.environ.get("TILLD", str(ROOT / "build" / "tilld")))
    parser.add_argument("--long", action="store_true", help="the long run")
    for name, keywords in extra.items():
        parser.add_argument(f"--{name}", **keywords)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that atexit ends the daemons
    parsed = parser.parse_args()
    parsed.tillhub = pathlib.Path(parsed.tilld).with_name("tillhub")  # built beside it
    return parsed
