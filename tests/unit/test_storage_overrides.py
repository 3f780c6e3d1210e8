"""Rules by hand are kept with their site, the last ones given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import overrides, sites
from storage.database import open_database

if TYPE_CHECKING:
    from pathlib import Path


def test_the_last_rules_given_are_kept(tmp_path: Path) -> None:
    with open_database(str(tmp_path / "a.db")) as db, db.write() as conn:
        one, two = (sites.add(conn, domain).id for domain in ("one.example", "two.example"))
        overrides.keep(conn, one, [{"select": ["main"]}])
        overrides.keep(conn, one, [{"select": ["article"]}, {"remove": ["nav"]}])
        last = [{"select": ["article"]}, {"remove": ["nav"]}]
        assert overrides.of_sites(conn, [one, two]) == {one: last}
        assert overrides.of_sites(conn, [two]) == {}
        many = range(one, one + overrides.NAMED + 1)
        assert overrides.of_sites(conn, many) == {one: last}
        assert overrides.of_sites(conn, range(two, two + overrides.NAMED + 1)) == {}
