"""Servers for integration tests, each on loopback and a port of its own."""

from __future__ import annotations

import itertools
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.conftest import SHARED
from tests.integration.services import ROOT, Pywb, ServiceError, free_port, running, running_pywb
from tests.standins.wayback import WaybackStandIn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.standins.faults import Faults

SAMPLE = ROOT / "tracker" / "demo" / "archive.warc.gz"


class StartWayback(Protocol):
    """Starts a Wayback stand-in before a collection; it ends with the test."""

    def __call__(
        self, collection: str = "sample", faults: Faults | None = None
    ) -> WaybackStandIn: ...


@pytest.fixture(scope="session")
def pywb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pywb]:
    """A real pywb with the collections ``sample`` and, where ../shared is, ``dev``."""
    offline = os.environ.get("TRACKER_TESTS_OFFLINE") == "1"
    warcs = {"sample": SAMPLE, "dev": SHARED / "archive" / "policies.warc.gz"}
    present = {name: warc for name, warc in warcs.items() if warc.exists()}
    with ExitStack() as stack:
        try:
            folder = tmp_path_factory.mktemp("pywb")
            service = stack.enter_context(running_pywb(folder, present, offline=offline))
        except ServiceError as error:
            if offline:
                pytest.skip(f"TRACKER_TESTS_OFFLINE=1: {error}")
            pytest.fail(f"{error} (TRACKER_TESTS_OFFLINE=1 skips these tests)", pytrace=False)
        yield service


@pytest.fixture
def start_wayback(pywb: Pywb, tmp_path: Path) -> Iterator[StartWayback]:
    """A factory of stand-ins for the Wayback Machine, each with a log and faults of its own."""
    numbers = itertools.count(1)
    with ExitStack() as stack:

        def start(collection: str = "sample", faults: Faults | None = None) -> WaybackStandIn:
            if collection not in pywb.collections:
                pytest.skip(f"no collection {collection}: no ../shared beside the checkout")
            standin = WaybackStandIn(
                collection=pywb.collection(collection),
                index=pywb.index(collection),
                warc=pywb.warc(collection),
                log=tmp_path / f"wayback-{next(numbers)}.jsonl",
                faults=faults,
            )
            return stack.enter_context(standin)

        yield start


@pytest.fixture
def wayback(start_wayback: StartWayback) -> WaybackStandIn:
    """The stand-in before the sample archive."""
    return start_wayback()


@pytest.fixture(scope="session")
def shared_wayback(
    shared: Path, pywb: Pywb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the stand-in that comes with ../shared, before its collection ``dev``."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, str(shared / "archive" / "wayback_shim.py"), "--port", str(port)]
    command += ["--cdxj", str(pywb.index("dev")), "--pywb", pywb.collection("dev")]
    with running(command, tmp_path_factory.mktemp("shim"), ready=f"{url}/"):
        yield url
