#!/usr/bin/env python3
"""The first five minutes of somebody who has just cloned this: toolchains/run, then the commands it prints, as printed,
then Ctrl-C; and the same again with the shop that is there. Called by tests/run. Uses a folder and a port of its own.

    tests/live/first_start.py [--tilld build/tilld]     (toolchains/run builds and starts that one itself)
"""
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Shop:
    """toolchains/run in a folder of its own, up to the line that says how to stop it."""

    def __init__(self, folder, port):
        command = ["toolchains/run", "--in", folder, "--port", str(port)]
        # A caller in the background may have been told to ignore Ctrl-C, and children inherit that.
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if line.startswith("Ctrl-C"):
                return

    def stop(self):
        """Ctrl-C. → (exit code, what it said to that)"""
        self.process.send_signal(signal.SIGINT)
        rest = self.process.communicate(timeout=30)[0]
        return self.process.returncode, rest


def commands(said):
    """The commands to try, as one shell script: the indented lines after 'Try it', made to print their status."""
    lines = [line.strip() for line in said.partition("Try it")[2].splitlines() if line.startswith("  ")]
    script = "\n".join(lines)
    return re.sub(r"^curl ", "curl -w '\\\\n%{http_code}\\\\n' ", script, flags=re.M)


def first_start(folder, port):
    """→ [(what, fault or None)]"""
    shop = Shop(folder, port)
    try:
        yield "forty products imported", None if "40 created" in shop.said else shop.said
        done = subprocess.run(["bash", "-euc", commands(shop.said)], capture_output=True, text=True, timeout=60)
        bodies = done.stdout.strip().splitlines()
        statuses = [int(line) for line in bodies if re.fullmatch(r"\d{3}", line)]
        fine = len(statuses) == 2 and statuses[0] < 300 and statuses[1] == 201
        yield "the printed commands work", None if fine else f"{commands(shop.said)}\n{done.stdout}{done.stderr}"
        sale = next((json.loads(line) for line in reversed(bodies) if line.startswith("{")), {})
        right = (sale.get("total"), sale.get("change"), sale.get("status")) == (258, 242, "COMPLETED")
        yield "two bottles of milk for five euros", None if right else json.dumps(sale)
    finally:
        code, rest = shop.stop()
    stopped = [line.partition(" ")[0] for line in rest.splitlines() if line.endswith(" stopped")]
    fine = code == 0 and stopped == ["tilld", "tillhub", "broker"]
    yield "Ctrl-C stops all of it", None if fine else f"exit code {code}: {rest}"
    for taken in (port, port + 10, port + 20):
        with socket.socket() as probe:
            yield f"port {taken} is free again", None if probe.connect_ex(("127.0.0.1", taken)) else "it still answers"


def second_start(folder, port):
    shop = Shop(folder, port)
    code, rest = shop.stop()
    fine = code == 0 and "made at an earlier start" in shop.said
    yield "a second start finds its shop", None if fine else f"exit code {code}: {shop.said}{rest}"


def taken_port(folder):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        shop = Shop(folder, other.getsockname()[1])
        code = shop.process.wait(timeout=30)
    fine = code == 1 and "does not start" in shop.said
    yield "a taken port is told in words", None if fine else f"exit code {code}: {shop.said}"


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        for part in (first_start(folder, port), second_start(folder, port), taken_port(folder)):
            for what, fault in part:
                passed, failed = passed + (fault is None), failed + (fault is not None)
                print(f"first start: {what}: {'fine' if fault is None else 'FAILED: ' + fault}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
