"""How fast the web app answers: every page in turn, then one page by several clients at once.

    python -m tests.benchmarks.bench_web DATABASE [SITE]

The server is ``tracker serve`` in a process of its own, on whatever database is named; SITE is the
one whose pages are asked for, by default that with the most versions among the first fifty.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from statistics import median
from time import perf_counter
from urllib.parse import quote

CLIENTS = 8
SECONDS = 5.0
ROUNDS = 15


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
) -> tuple[int, bytes]:
    """One request over a connection that is kept."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


async def in_turn(port: int, path: str) -> tuple[int, int, list[float]]:
    """Status, bytes and the milliseconds of each of some requests, the first apart."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times = []
    for _ in range(ROUNDS + 1):
        begun = perf_counter()
        status, body = await ask(reader, writer, path)
        times.append((perf_counter() - begun) * 1000)
    writer.close()
    return status, len(body), times


async def at_once(port: int, path: str) -> float:
    """Requests a second of several clients."""
    end = perf_counter() + SECONDS

    async def client() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while perf_counter() < end:
            status, _ = await ask(reader, writer, path)
            assert status == 200
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(client() for _ in range(CLIENTS)))) / SECONDS


async def measure(port: int, site: str | None) -> None:
    """Print a line a page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    _, body = await ask(reader, writer, "/?format=json")
    most = max(json.loads(body)["sites"], key=lambda one: int(one["versions"]))
    name = site or most["site"]
    _, body = await ask(reader, writer, f"/site/{quote(name)}?format=json")
    numbers = [version["number"] for version in json.loads(body)["versions"]]
    _, body = await ask(reader, writer, "/review?format=json")
    queued = json.loads(body)
    writer.close()
    here, last = f"/site/{quote(name)}", numbers[-1]
    print(
        f"{name}: {last} versions\n\n{'status':6} {'kB':>6} {'first':>7} {'median':>7} {'worst':>7}"
    )
    pages = ["/", f"/?after={quote(name)}", f"/?q={quote(name[2:7])}", "/?q=nobodyhasthis", here]
    pages += [f"{here}/version/{last}", f"{here}/at/2020-01-01", f"{here}/diff/{last - 1}/{last}"]
    pages += [f"{here}/diff/1/{last}?all=1", f"{here}/feed.atom", "/changes", "/feed.atom"]
    pages += ["/changes?category=retention", "/changes?silent=1", "/review", "/trends", "/runs"]
    pages += [f"/review/{queued[0]['id']}"] if queued else []
    pages += ["/review?category=retention", "/search?q=retention", "/search?q=retention&first=1"]
    pages += ["/search?q=biometric&first=1", f"{here}?format=json"]
    for path in pages:
        status, size, (first, *times) = await in_turn(port, path)
        times.sort()
        figures = f"{size / 1000:6.0f} {first:7.1f} {median(times):7.1f} {times[-1]:7.1f}"
        print(f"{status:6} {figures}  {path}")
    rate = await at_once(port, here)
    print(f"\n{rate:.0f} requests a second of {here}, {CLIENTS} clients, one worker")


def main() -> None:
    """Start the server, ask, stop it."""
    database, *rest = sys.argv[1:]
    command = [sys.executable, "-m", "tracker", "serve", "--port", "0", "--db", database]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr
            said = server.stderr.readline()
            port = int(said.partition("://")[2].partition("/")[0].rpartition(":")[2])
            asyncio.run(measure(port, rest[0] if rest else None))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
