"""The search page of the web app: kept as long as nothing is derived anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.database import open_database
from tests.asgi_client import Client
from tests.kept_texts import keep_site
from tracker.classify.model import load
from tracker.config import Config
from tracker.labels import LabelBook
from tracker.web.access import Access
from tracker.web.app import create_app

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "# Privacy\n\nWe keep your data for ten months."


def test_a_search_is_answered_anew_once_anything_is_derived_anew(tmp_path: Path) -> None:
    book = LabelBook(load)
    with open_database(str(tmp_path / "tracker.db")) as db:
        keep_site(db, "one.example", [TEXT], book)
        client = Client(create_app(db, Config(), Access(), reviewer="ann"))
        first = client.get("/search?q=months").text
        assert "one.example" in first
        assert client.get("/search?q=months").text == first
        keep_site(db, "two.example", [TEXT], book)
        assert "two.example" in client.get("/search?q=months").text
        assert "one.example" not in client.get("/search?q=years").text
