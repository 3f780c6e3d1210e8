"""The servers that integration tests run against: a real pywb in a virtual environment of its own.

pywb must never share an environment with Scrapy (its brotlipy shadows brotli), so the first test
that needs it makes one under ``.test-services`` beside pyproject.toml; later runs find it there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("pywb-requirements.txt")
START_SECONDS = 60


class ServiceError(RuntimeError):
    """A server that tests need could not be had; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pywb:
    """A running pywb: ``url`` is its root, ``folder`` holds its collections."""

    url: str
    folder: Path
    collections: tuple[str, ...]

    def collection(self, name: str) -> str:
        return f"{self.url}/{name}"

    def index(self, name: str) -> Path:
        return self.folder / "collections" / name / "indexes" / "index.cdxj"

    def warc(self, name: str) -> Path:
        (warc,) = (self.folder / "collections" / name / "archive").iterdir()
        return warc


def pywb_environment(cache: Path = ROOT / ".test-services", *, offline: bool = False) -> Path:
    """The folder of pywb's programs, made on first use; a changed pin makes a new environment.

    Raises:
        ServiceError: the package registry cannot be reached (or, ``offline``, must not be asked),
            or a pin does not install.
    """
    pins = f"{sys.version_info[:2]}\n{REQUIREMENTS.read_text(encoding='utf-8')}"
    name = "pywb-" + hashlib.sha256(pins.encode()).hexdigest()[:12]
    programs = cache / name / "bin"
    complete = cache / name / "complete"
    cache.mkdir(exist_ok=True)
    with FileLock(cache / f"{name}.lock"):
        if complete.exists() and (programs / "python").exists():
            return programs
        if offline:
            raise ServiceError("pywb is not installed yet and comes from a package registry")
        shutil.rmtree(cache / name, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(cache / name)], "a virtual environment for pywb")
        pip = [str(programs / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
        _run(
            [*pip, "--retries=2", "--requirement", str(REQUIREMENTS)],
            "pip install of pywb (from a package registry)",
        )
        complete.touch()
    return programs


def _run(command: list[str], what: str, cwd: Path | None = None) -> None:
    # A PYTHONPATH or the project's own environment must not leak into pywb's.
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise ServiceError(f"{what} failed: {lines[-1]}")


@contextmanager
def running_pywb(
    folder: Path, warcs: Mapping[str, Path], *, offline: bool = False
) -> Iterator[Pywb]:
    """Serve each WARC as a collection of its name, on loopback, until the context is left.

    Raises:
        ServiceError: pywb cannot be installed, or did not answer in time (with its log).
    """
    programs = pywb_environment(offline=offline)
    # Named by their interpreter: a program's own first line goes stale when a checkout is moved.
    python, manager = str(programs / "python"), str(programs / "wb-manager")
    for name, warc in warcs.items():
        _run([python, manager, "init", name], f"wb-manager init {name}", folder)
        _run([python, manager, "add", name, str(warc)], f"wb-manager add {name}", folder)
    port = free_port()
    pywb = Pywb(url=f"http://127.0.0.1:{port}", folder=folder, collections=tuple(warcs))
    command = [python, str(programs / "wayback"), "--port", str(port), "--bind", "127.0.0.1"]
    with running(command, folder, ready=f"{pywb.collection(pywb.collections[0])}/cdx?url=none"):
        yield pywb


@contextmanager
def running(command: list[str], folder: Path, *, ready: str) -> Iterator[None]:
    """Run a server with its log in ``folder`` until the context is left; ``ready`` must answer.

    Raises:
        ServiceError: it ended by itself, or did not answer within a minute.
    """
    log = folder / "server.log"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=folder, env=clean, stdout=out, stderr=out) as process,
    ):
        try:
            _wait(process, ready, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310, an address of our own
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.1)
    raise ServiceError(f"no answer from {url}:\n{log.read_text(errors='replace')[-2000:]}")


def free_port() -> int:
    """A port of loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
