"""Figures that take long are worked out aside, and nobody who went away is in another's way."""

from __future__ import annotations

from threading import Event
from time import sleep
from typing import TYPE_CHECKING

import pytest

from storage.database import open_database
from storage.errors import StorageError
from storage.trends import Which
from tracker.errors import RequestError
from tracker.trends.asked import Asked
from tracker.trends.asking import trends_of
from tracker.web.trends import MOST_WAITING, Workshop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Database
    from tracker.trends.documents import TrendsJson


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(str(tmp_path / "tracker.db")) as opened:
        yield opened


class Slow:
    """Works trends out once it may; before that, a page waits in vain."""

    def __init__(self) -> None:
        self.go = Event()

    def __call__(self, db: Database, asked: Asked) -> TrendsJson:
        assert self.go.wait(30)
        return trends_of(db, asked)


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.go.set()


def asked(number: int) -> Asked:
    return Asked(categories=("Other",), which=Which(site_ids=(number,)))


def answer(workshop: Workshop, db: Database, question: Asked) -> TrendsJson:
    """What a page gets that asks again and again."""
    for _ in range(1_000):
        found = workshop.ask(db, question)
        if found is not None:
            return found
        sleep(0.01)
    raise AssertionError("no answer")


def test_a_page_does_not_wait_and_comes_back_for_its_figures(db: Database, slow: Slow) -> None:
    workshop = Workshop(slow, patience=0.02)
    assert workshop.ask(db, asked(1)) is None
    assert workshop.ask(db, asked(1)) is None
    slow.go.set()
    assert answer(workshop, db, asked(1))["versions"] == 0
    workshop.close()


def test_too_many_questions_are_refused_until_some_are_answered(db: Database, slow: Slow) -> None:
    workshop = Workshop(slow, patience=0.02)
    for number in range(MOST_WAITING):
        assert workshop.ask(db, asked(number)) is None
    with pytest.raises(RequestError, match="ask again later"):
        workshop.ask(db, asked(99))
    slow.go.set()
    assert answer(workshop, db, asked(MOST_WAITING - 1))
    assert answer(workshop, db, asked(99)), "nobody came back for the others"
    workshop.close()


def test_what_failed_is_told_and_tried_anew(db: Database) -> None:
    answers = iter((StorageError("the disk is gone"), None))

    def work_out(db: Database, asked: Asked) -> TrendsJson:
        if error := next(answers):
            raise error
        return trends_of(db, asked)

    workshop = Workshop(work_out, patience=30)
    with pytest.raises(StorageError, match="the disk is gone"):
        workshop.ask(db, asked(1))
    assert workshop.ask(db, asked(1))
    workshop.close()
