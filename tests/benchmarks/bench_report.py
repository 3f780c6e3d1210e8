"""How long a report of a site with many versions takes, and how large it is.

    python -m tests.benchmarks.bench_report [--versions 500]

The policy has about 2,500 words in 60 statements; every version rewords, adds or drops a few of
them. Floors: 500 versions in 2 seconds and 3 MB of HTML (issue 8).
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from storage.database import open_database
from tests.kept_texts import keep_site
from tracker.classify.model import load
from tracker.cli.report import render
from tracker.labels import LabelBook
from tracker.reporting import gather

SUBJECTS = ("We", "Our partners", "Service providers", "Our affiliates", "Advertisers")
VERBS = ("collect", "share", "use", "retain", "disclose", "analyse", "store", "combine")
OBJECTS = (
    "your name and e-mail address",
    "information about your device",
    "the pages that you visit",
    "your precise location",
    "payment details",
    "messages that you send",
    "your contacts, if you allow it",
)
ENDS = (
    "to provide the service",
    "for as long as your account is open",
    "for {n} days after you close your account",
    "unless you opt out in your settings",
    "in order to show you interest-based advertising",
    "where the law requires us to do so",
    "with your consent, which you may withdraw at any time",
)
HEADINGS = ("What we collect", "Sharing", "Your choices", "Retention", "Security", "Contact")


def statement(chance: random.Random) -> str:
    """A paragraph of some forty words."""
    return " ".join(
        f"{chance.choice(SUBJECTS)} may {chance.choice(VERBS)} {chance.choice(OBJECTS)} "
        f"{chance.choice(ENDS).format(n=chance.randrange(10, 400))}."
        for _ in range(3)
    )


def texts(count: int) -> list[str]:
    """Successive texts of one policy."""
    chance = random.Random(1)
    statements = [statement(chance) for _ in range(60)]
    made = []
    for number in range(count):
        for _ in range(2):
            statements[chance.randrange(len(statements))] = statement(chance)
        if number % 3 == 0:
            statements.insert(chance.randrange(len(statements)), statement(chance))
            del statements[chance.randrange(len(statements))]
        parts = [f"# Privacy policy\n\nLast updated: May {number % 28 + 1}, {2015 + number // 60}"]
        for at, one in enumerate(statements):
            if at % 10 == 0:
                parts.append(f"## {HEADINGS[at // 10 % len(HEADINGS)]}")
            parts.append(one)
        made.append("\n\n".join(parts))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=500)
    parser.add_argument("--keep", type=Path, help="Write the HTML here.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with open_database(str(Path(folder) / "tracker.db")) as db:
            keep_site(db, "many.example", texts(asked.versions), LabelBook(load))
            for form in ("html", "md", "json"):
                started = time.perf_counter()
                report = gather(db, ["many.example"])
                gathered = time.perf_counter()
                text = render(report, form)
                done = time.perf_counter()
                versions = len(report.sites[0].history.versions)
                print(
                    f"{form}: {versions} versions in {done - started:.2f} s (gathered in "
                    f"{gathered - started:.2f} s), {len(text.encode()) / 1e6:.2f} MB"
                )
                if asked.keep and form == "html":
                    asked.keep.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
