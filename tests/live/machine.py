"""A machine to try the worst on: a clock that jumps, a disk that turns read-only or does not come back (machine.c), a
small disk of one's own, a systemd that listens. Used by worst_*.py; it leaves nothing behind and touches nothing of the
real machine.
"""
import contextlib
import mmap
import os
import pathlib
import socket
import struct
import subprocess
import sys
import time

import till

SOURCE = pathlib.Path(__file__).with_name("machine.c")
FINE, READ_ONLY, STUCK = 0, 1, 2
OWN_MOUNTS = "TILL_TEST_MOUNTS"


class Machine:
    """What machine.c changes for the processes of one Till: `with` it before the first of them."""

    def __init__(self, house):
        library = house.home / "machine.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True, timeout=60)
        control = house.home / "machine"
        control.write_bytes(bytes(16))
        with open(control, "r+b") as file:
            self.words = mmap.mmap(file.fileno(), 16)
        house.environment = dict(os.environ, LD_PRELOAD=str(library), TILL_MACHINE=str(control),
                                 TILL_FOLDER=str(house.data))

    def set_clock(self, year, month=1, day=1, hour=0, minute=0, second=0):
        """The wall clock of the machine goes on from here; UTC."""
        wanted = (time.mktime((year, month, day, hour, minute, second, 0, 1, 0)) - time.timezone)
        struct.pack_into("q", self.words, 0, round((wanted - time.time()) * 1000))

    def set_disk(self, state):
        struct.pack_into("q", self.words, 8, state)


class Systemd:
    """The end of $NOTIFY_SOCKET at which systemd listens."""

    def __init__(self, house, watchdog_s):
        path = house.home / "notify"
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.wire.bind(str(path))
        house.environment = dict(house.environment or os.environ, NOTIFY_SOCKET=str(path),
                                 WATCHDOG_USEC=str(int(watchdog_s * 1_000_000)))

    def forget(self):
        """What has been said so far."""
        while till.has_data(self.wire):
            self.wire.recv(256)

    def hears(self, word, within_s):
        """Seconds until the word came; None: it did not."""
        began = time.monotonic()
        while (left := began + within_s - time.monotonic()) > 0:
            if till.has_data(self.wire, int(left * 1000) + 1) and word.encode() in self.wire.recv(256).split(b"\n"):
                return time.monotonic() - began
        return None


def in_own_mounts():
    """True in a process whose mounts are its own. Otherwise runs this script in one and ends with its exit code, or,
    where nobody may have such, returns False."""
    if os.environ.get(OWN_MOUNTS):
        return True
    for way in (["unshare", "--mount"], ["unshare", "--mount", "--user", "--map-root-user"]):
        probe = [*way, "sh", "-c", "mount -t tmpfs none /mnt"]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            os.environ[OWN_MOUNTS] = "1"
            os.execvp(way[0], [*way, sys.executable, *sys.argv])
    return False


def mount_disk(folder, megabytes):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "none", folder], check=True)


class Ballast:
    """A stranger's file that takes all the room there is."""

    def __init__(self, folder):
        self.path = folder / "ballast"

    def grow(self):
        with contextlib.suppress(OSError), open(self.path, "ab", buffering=0) as file:
            while file.write(bytes(4096)) == 4096:
                pass

    def go(self):
        self.path.unlink()
