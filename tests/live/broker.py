"""A Mosquitto under test: on loopback, on a port that was free, in memory only, killed as rudely as the test wants.

Used by the live tests and the bench of sync, on their own threads. Nothing of value is in a broker (D12): after a kill
its retained messages and sessions are gone. It needs the package `mosquitto` (toolchains/packages).
"""
import atexit
import contextlib
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import till

CONFIG = till.ROOT / "config" / "mosquitto.conf"  # the one that is shipped, but for the port
SBIN = "/usr/sbin:/usr/local/sbin:/usr/bin"  # where daemons live is not on everybody's PATH


class Broker:
    """`with Broker() as broker: broker.start()` leaves neither process nor files behind."""

    def __init__(self):
        self.program = shutil.which("mosquitto") or shutil.which("mosquitto", path=SBIN)
        if self.program is None:
            raise SystemExit("mosquitto is not installed: toolchains/packages run")
        self.port = till.free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="broker-live-"))
        shipped = CONFIG.read_text(encoding="utf-8")
        (self.home / "mosquitto.conf").write_text(
            "log_dest stderr\n" + shipped.replace("\nlistener 1883 ", f"\nlistener {self.port} "))
        self.process = None
        atexit.register(self.close)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, limit_s=10):
        """Returns when it takes connections; on the same port as before."""
        with open(self.home / "broker.log", "ab") as log:
            self.process = subprocess.Popen([self.program, "-c", self.home / "mosquitto.conf"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        began = time.monotonic()
        while time.monotonic() - began < limit_s and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.01)
        raise SystemExit(f"mosquitto does not start: {(self.home / 'broker.log').read_text(errors='replace')[-2000:]}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def freeze(self):
        """Connections stay open, and nothing is answered, until thaw()."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.home, ignore_errors=True)
