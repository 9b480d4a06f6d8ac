"""The peer: what a store developer would write instead (Fastify and better-sqlite3), from a folder that is not ours.
It is copied below the build folder and installed there once; without it the rows about it say so.
"""
import shutil
import subprocess
import tempfile

from shop import PRODUCTS, memory_kb, till


def installed(bench):
    """The peer's copy with its packages, or why there is none. → (path or None, reason)"""
    if not (bench.peer / "server.js").exists():
        return None, "skipped: no peer here"
    if not shutil.which("node") or not shutil.which("npm"):
        return None, "skipped: no node; toolchains/packages bench"
    copy = bench.build / "bench-peer"
    if not (copy / "installed").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(bench.peer, copy, ignore=shutil.ignore_patterns("node_modules"))
        for path in [copy, *copy.iterdir()]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        print("   installing the peer's packages (once)", flush=True)
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=copy, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            return None, "skipped: npm install of the peer failed"
        (copy / "installed").touch()
    return copy, ""


class Peer:
    """Its process, with 10,000 products, on the same disk as ours."""

    target = "peer"

    def __init__(self, bench, folder):
        self.bench = bench
        self.home = tempfile.mkdtemp(prefix="peer-")
        self.port = till.free_port()
        self.process = subprocess.Popen(["node", "server.js", str(self.port), f"{self.home}/peer.db", str(PRODUCTS)],
                                        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.token = self.process.stdout.readline().strip()

    def fresh_token(self):
        return self.token

    def memory_mb(self):
        return memory_kb(self.process.pid)[0] / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
