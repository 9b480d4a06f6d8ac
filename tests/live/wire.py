"""The line between a node and its broker: a TCP proxy on loopback that a test cuts, stalls, slows and shakes.

Used by the live tests and the bench of sync, on their own threads. MQTT runs over TCP, so single packets cannot be
lost here, nor doubled, nor come out of order: that is the simulator's (tests/sim). What a line can do is break, be
silent, be late and be thin. What is drawn by lot comes from the seed. Any thread may call it; the bytes move on a
thread of its own.
"""
import asyncio
import contextlib
import random
import threading
import time

CHUNK = 16 * 1024


class Wire:
    """`Wire(broker.port)` listens at once, so `url` can be told; it passes bytes from start() to close()."""

    def __init__(self, port, seed=0):
        self.target = port
        self.up_bytes = self.down_bytes = 0  # from the node, to the node
        self.connections = self.drops = 0
        self._chance = random.Random(seed)
        self._whole, self._delay_s, self._bytes_per_s, self._life_s = True, 0.0, None, None
        self._pairs = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self):
        self._thread.start()

    def cut(self):
        """Breaks all connections, and each new one at once, until heal()."""
        self._call(self._cut)

    def heal(self):
        """Whole, flowing, fast and calm again."""
        self._call(self._heal)

    def drop(self):
        """Breaks all connections once; the next one finds the line whole."""
        self._call(self._break_all)

    def stall(self):
        """Nothing moves and nothing breaks, until heal(): a line on which only a deadline helps."""
        self._call(self._flowing.clear)

    def delay(self, ms):
        """Each piece is late by so much, in both directions; pieces do not overtake each other."""
        self._delay_s = ms / 1000

    def throttle(self, bytes_per_s):
        self._bytes_per_s = bytes_per_s

    def shake(self, mean_s):
        """New connections break after a time drawn from the seed, `mean_s` on average, until heal()."""
        self._life_s = mean_s

    def close(self):
        if not self._thread.is_alive():
            return
        self._call(self._cut)
        self._call(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _call(self, act):
        """Runs it on the wire's thread and returns when it is done, so that what a test does next comes after it."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (act(), done.set()))
        done.wait()

    def _cut(self):
        self._whole = False
        self._break_all()

    def _heal(self):
        self._whole, self._delay_s, self._bytes_per_s, self._life_s = True, 0.0, None, None
        self._flowing.set()

    def _break_all(self):
        for pair in self._pairs:
            for writer in pair:
                writer.transport.abort()

    async def _serve(self, reader, writer):
        if not self._whole:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, far_writer)
        self._pairs.add(pair)
        self.connections += 1
        pumps = [asyncio.ensure_future(self._pump(reader, far_writer, "up_bytes")),
                 asyncio.ensure_future(self._pump(far_reader, writer, "down_bytes"))]
        life_s = self._chance.expovariate(1 / self._life_s) if self._life_s else None
        _, unfinished = await asyncio.wait(pumps, timeout=life_s, return_when=asyncio.FIRST_COMPLETED)
        self.drops += len(unfinished) == len(pumps)
        for pump in pumps:
            pump.cancel()
        for end in pair:
            end.close()  # and not abort(): a goodbye is still on its way
        self._pairs.discard(pair)

    async def _pump(self, reader, writer, counter):
        """Passes bytes on until either end is gone; late ones wait in a queue of their own."""
        late = asyncio.Queue(maxsize=64)
        sender = asyncio.ensure_future(self._send(late, writer))
        with contextlib.suppress(OSError, asyncio.CancelledError):
            while (piece := await reader.read(CHUNK)) and not sender.done():
                setattr(self, counter, getattr(self, counter) + len(piece))
                await late.put((time.monotonic() + self._delay_s, piece))
            await late.put((0, b""))  # a goodbye arrives after what was said before
            await sender
        sender.cancel()

    async def _send(self, late, writer):
        with contextlib.suppress(OSError):
            while (due := await late.get())[1]:
                at, piece = due
                await asyncio.sleep(max(0, at - time.monotonic()))
                if self._bytes_per_s:
                    await asyncio.sleep(len(piece) / self._bytes_per_s)
                await self._flowing.wait()
                writer.write(piece)
                await writer.drain()
