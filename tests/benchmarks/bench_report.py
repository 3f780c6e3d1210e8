"""How long a report of a site with many versions takes, and how large it is.

    python -m tests.benchmarks.bench_report [--versions 500]

The policy has about 2,500 words in 60 paragraphs of three sentences. Every version puts two
sentences in the place of others, and every third adds a paragraph and drops another: about 50
words, as half of real changes have. To meet: 500 versions in 2 seconds and 3 MB of HTML (issue 8).
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


def sentence(chance: random.Random) -> str:
    """A sentence of some fourteen words."""
    return (
        f"{chance.choice(SUBJECTS)} may {chance.choice(VERBS)} {chance.choice(OBJECTS)} "
        f"{chance.choice(ENDS).format(n=chance.randrange(10, 400))}."
    )


def paragraph(chance: random.Random) -> list[str]:
    """Three sentences."""
    return [sentence(chance) for _ in range(3)]


def texts(count: int) -> list[str]:
    """Successive texts of one policy."""
    chance = random.Random(1)
    paragraphs = [paragraph(chance) for _ in range(60)]
    made = []
    for number in range(count):
        for _ in range(2):
            chance.choice(paragraphs)[chance.randrange(3)] = sentence(chance)
        if number % 3 == 0:
            paragraphs.insert(chance.randrange(len(paragraphs)), paragraph(chance))
            del paragraphs[chance.randrange(len(paragraphs))]
        parts = [f"# Privacy policy\n\nLast updated: May {number % 28 + 1}, {2015 + number // 60}"]
        for at, one in enumerate(paragraphs):
            if at % 10 == 0:
                parts.append(f"## {HEADINGS[at // 10 % len(HEADINGS)]}")
            parts.append(" ".join(one))
        made.append("\n\n".join(parts))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=500)
    parser.add_argument("--keep", type=Path, help="Write the HTML here.")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_database(str(Path(folder) / "tracker.db")) as db,
    ):
        keep_site(db, "many.example", texts(asked.versions), LabelBook(load))
        for form in ("html", "md", "json"):
            started, busy = time.perf_counter(), time.process_time()
            report = gather(db, ["many.example"])
            gathered = time.process_time()
            text = render(report, form)
            took, used = time.perf_counter() - started, time.process_time() - busy
            versions = len(report.sites[0].history.versions)
            print(
                f"{form}: {versions} versions in {took:.2f} s ({used:.2f} s of the processor, "
                f"{gathered - busy:.2f} s to gather), {len(text.encode()) / 1e6:.2f} MB"
            )
            if asked.keep and form == "html":
                asked.keep.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
