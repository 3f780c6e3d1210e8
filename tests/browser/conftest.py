"""A real server on a real database, and a real Chromium; where there is none, its tests skip."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn

from storage.database import open_database
from tests.injections import INJECTIONS, RUN, hostile_texts
from tests.kept_texts import Told, keep_site
from tracker.classify.model import load
from tracker.config import Config
from tracker.labels import LabelBook
from tracker.web.access import Access
from tracker.web.app import create_app
from tracker.web.server import listen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = f'"><img src=x onerror="{RUN}">.example'

PART = [
    "We keep your address for ten months after you close your account with us.",
    "Advertisers receive the pages that you looked at, and how long you stayed there.",
    "Passwords are stored as salted hashes on machines of our own in Norway.",
    "Children under thirteen may not open an account here, nor may robots.",
    "You can ask for a copy of everything that we know of you, free of charge.",
    "We tell the police what a judge orders us to tell them, and nothing else.",
]
TITLE = ["# Privacy Policy", "Last updated: May 1, 2015", "## What we keep"]
CHILDREN_FIRST = [PART[3], *PART[:3], PART[4].replace("free of charge", "for a fee")]
SOLD = "We sell your biometric data to data brokers and to insurance companies."
TEXTS = [
    "\n\n".join([*TITLE, *PART]),
    "\n\n".join([*TITLE, *CHILDREN_FIRST, PART[5]]),
    "\n\n".join([*TITLE, *CHILDREN_FIRST, SOLD]),
]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database: an ordinary site, a hostile one, one without versions, one with one."""
    path = tmp_path_factory.mktemp("web") / "tracker.db"
    book = LabelBook(load)
    with open_database(str(path)) as db:
        keep_site(db, "plain.example", TEXTS, book, Told(name="Plain"))
        keep_site(db, "once.example", TEXTS[:1], book)
        keep_site(db, "none.example", [], book, Told(reason="the archive has no capture of it"))
        hostile = Told(
            name=INJECTIONS[1],
            url=f"http://evil.example/{INJECTIONS[1]}",
            archive=f"javascript:{INJECTIONS[0]}",
            title=INJECTIONS[3],
            reason=INJECTIONS[0],
            body=INJECTIONS[0].encode(),
        )
        keep_site(db, HOSTILE, hostile_texts(), book, hostile)
    return path


@contextmanager
def serving(path: Path, *, reviewer: str = "ann") -> Iterator[str]:
    """Serve the app on a database; gives the address."""
    listening = listen("127.0.0.1", 0)
    with open_database(str(path), create=False) as db, listening:
        app = create_app(db, Config(), Access(), reviewer=reviewer)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def server(corpus: Path) -> Iterator[str]:
    """The app on the corpus, for those who only read."""
    with serving(corpus) as address:
        yield address


@pytest.fixture
def own_server(corpus: Path, tmp_path: Path) -> Iterator[str]:
    """The app on a copy of the corpus, for those who write."""
    copy = tmp_path / "tracker.db"
    shutil.copy(corpus, copy)
    with serving(copy) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab of 1280 × 900; whatever its console says against a page fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda one: None if _is_refusal(one) else said.append(one.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    yield tab
    context.close()
    assert said == []


def _is_refusal(message: ConsoleMessage) -> bool:
    """Whether it only says that a page, not a file of ours, has a status of 400 or more."""
    return message.text.startswith("Failed to load") and "/static/" not in message.location["url"]


@pytest.fixture
def browser_without_scripts(browser: Browser) -> Iterator[Page]:
    """A tab of a browser whose user has turned scripts off."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()
