"""``tracker review next``: a change at a time, a key a verdict."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from storage.review_records import ReviewVerdict
from storage.reviews import StaleReview
from tracker import reviewing
from tracker.cli.output import console, say
from tracker.cli.review_view import name_of, print_change, said_by
from tracker.errors import RequestError, TrackerError
from tracker.practice_filter import known_categories
from tracker.review_labels import relabelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from storage.database import Database
    from storage.review_records import QueuedChange, QueueFilter, Relabel, Review
    from tracker.config import Config
    from tracker.reviewing import ShownChange

VERDICTS = {
    "i": ReviewVerdict.IMPORTANT,
    "r": ReviewVerdict.ROUTINE,
    "f": ReviewVerdict.FALSE,
    "d": ReviewVerdict.UNDECIDED,
}
KEYS = (
    "i important  r routine  f false (misread)  d undecided  |  n note  t tag  c categories  "
    "m more  |  s skip  u undo  q quit"
)
HELP = """\
  i  important: people should know of this change
  r  routine: a true change that matters little
  f  false: the policy did not change, something else was read
  d  undecided: seen, cannot tell; it leaves the queue (`review list --state undecided`)
  n  a note in a line, kept with the verdict     t  a tag to find it by
  c  categories of a statement: 2=retention,sharing or 2=none
  m  all of the change                           s  skip: it stays in the queue
  u  undo the last verdict of this sitting       q  quit; everything said is kept"""


@dataclass(slots=True)
class _Sitting:
    """One person's way through the queue; what was said so far of the change on the screen."""

    db: Database
    config: Config
    reviewer: str
    out: Console
    marked: list[QueuedChange] = field(default_factory=list)
    note: str = ""
    tags: list[str] = field(default_factory=list)
    labels: list[Relabel] = field(default_factory=list)

    def forget(self) -> None:
        self.note, self.tags, self.labels = "", [], []

    @property
    def unsaid(self) -> bool:
        """Whether something was noted that no verdict has kept yet."""
        return bool(self.note or self.tags or self.labels)


def go_through(db: Database, wanted: QueueFilter, reviewer: str, config: Config) -> None:
    """Show one change after the other and take what is said of it, until the end or ``q``."""
    sitting = _Sitting(db, config, reviewer, console())
    queue = reviewing.walk(db, wanted)
    for queued in queue:
        if not _review(sitting, queued, only_open=wanted.state == "open"):
            break
    else:
        say("that was the last one" if sitting.marked else "nothing to review here")
    if count := len(sitting.marked):
        say(f"{count} {'change' if count == 1 else 'changes'} reviewed by {reviewer}")


def _review(sitting: _Sitting, queued: QueuedChange, *, only_open: bool = False) -> bool:
    """Have one change reviewed; whether to go on to the next."""
    shown = _fresh(sitting, queued)
    if shown is None or (only_open and shown.queued.state != "open"):
        # Somebody else was faster, or it was derived anew.
        return True
    print_change(shown, sitting.out)
    for key in _keys(sitting):
        if key == "q":
            _keep_unsaid(sitting, shown)
            return False
        if key == "s":
            _keep_unsaid(sitting, shown)
            return True
        if key == "u":
            if not _undo(sitting):
                return False
            print_change(shown, sitting.out)
        elif key in VERDICTS:
            if _mark(sitting, shown, VERDICTS[key]):
                return True
            shown = _fresh(sitting, queued) or shown
            print_change(shown, sitting.out)
        elif key in _ASK:
            _ask(sitting, shown, key)
        elif key == "m":
            print_change(shown, sitting.out, whole=True)
        else:
            sitting.out.print(HELP, markup=False)
    _keep_unsaid(sitting, shown)
    return False


def _fresh(sitting: _Sitting, queued: QueuedChange) -> ShownChange | None:
    sitting.forget()
    with sitting.db.read() as conn:
        try:
            return reviewing.show_change(conn, reviewing.find_change(conn, queued.id))
        except TrackerError:
            return None


def _mark(sitting: _Sitting, shown: ShownChange, verdict: ReviewVerdict | None) -> bool:
    """Keep what was said; whether it could be kept."""
    try:
        review = reviewing.mark(
            sitting.db,
            shown.queued,
            verdict,
            reviewer=sitting.reviewer,
            note=sitting.note,
            tags=sitting.tags,
            labels=sitting.labels,
        )
    except StaleReview as error:
        lost = f"; your note was: {sitting.note}" if sitting.note else ""
        say(f"{name_of(shown.queued)}: {error}{lost}")
        return False
    sitting.marked.append(shown.queued)
    _tell(shown, review)
    return True


def _tell(shown: ShownChange, review: Review) -> None:
    say(f"→ {name_of(shown.queued)}: {said_by(review)}")


def _keep_unsaid(sitting: _Sitting, shown: ShownChange) -> None:
    """A note without a verdict is kept too: the verdict stays what it was."""
    if sitting.unsaid:
        said = shown.queued.review
        _mark(sitting, shown, said.verdict if said else None)


def _undo(sitting: _Sitting) -> bool:
    """Take the last thing that was said back and ask again; whether to go on after that."""
    if sitting.unsaid:
        sitting.forget()
        say("what you noted here is dropped")
        return True
    if not sitting.marked:
        say("nothing was said in this sitting: `tracker review undo CHANGE` takes older ones back")
        return True
    last = sitting.marked.pop()
    try:
        with sitting.db.read() as conn:
            queued = reviewing.find_change(conn, last.id)
        review = reviewing.undo(sitting.db, queued, reviewer=sitting.reviewer)
    except (StaleReview, TrackerError) as error:
        say(str(error))
        return True
    say(f"→ {name_of(last)}: {said_by(review)}")
    return _review(sitting, queued)


def _ask(sitting: _Sitting, shown: ShownChange, key: str) -> None:
    text = _line(_ASK[key])
    if not text:
        return
    try:
        if key == "n":
            sitting.note = text
        elif key == "t":
            sitting.tags.append(reviewing.tag_named(text))
        else:
            known = known_categories(sitting.config.classifier.path)
            with sitting.db.read() as conn:
                sitting.labels.extend(relabelled(conn, text, shown, known))
    except RequestError as error:
        say(str(error))


_ASK = {"n": "note: ", "t": "tag: ", "c": "statement=categories: "}


def _keys(sitting: _Sitting) -> Iterator[str]:
    """Keys as they are pressed; over a pipe, the letters of its lines. Ends with the input."""
    while True:
        said = "*" if sitting.unsaid else ""
        click.secho(f"{said}{KEYS}", dim=True, err=True)
        key = _key()
        if not key:
            return
        yield key.lower()


def _key() -> str:
    if sys.stdin.isatty():
        try:
            key = click.getchar()
        except (EOFError, KeyboardInterrupt):
            return ""
        return key
    while (key := sys.stdin.read(1)).isspace():
        pass
    return key


def _line(prompt: str) -> str:
    click.echo(prompt, nl=False, err=True)
    line = sys.stdin.readline()
    if not sys.stdin.isatty():
        # Over a pipe the key may stand on a line of its own.
        line = line if line.strip() else sys.stdin.readline()
        click.echo(err=True)
    return line.strip()
