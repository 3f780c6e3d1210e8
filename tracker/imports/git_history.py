"""What a Git repository's history holds of some files: each state of each, oldest first.

Git itself reads it, told to run nothing that the repository's configuration names.
"""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

COMMIT, END = "\x1e", "\x1f"
"""Characters that Git lets stand in no path of its own and that no subject line needs."""

QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A file as a commit left it: ``when`` is the author's date, ``blob`` the body's id in Git."""

    commit: str
    when: datetime
    subject: str
    path: str
    blob: str


class GitHistory:
    """The history of the branch that is checked out.

    ``identity`` is the same for every clone, wherever it lies: the first commit's id.

    Raises:
        TrackerError: Git is not installed, or there is no repository.
    """

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        if not repository.is_dir():
            raise TrackerError(f"{repository} is no folder: clone the repository first")
        top = self._output("rev-parse", "--show-toplevel", missing="")
        if top:
            self._repository = Path(top)  # of a folder in it, or of a clone elsewhere: the same
        roots = self._output("rev-list", "--max-parents=0", "HEAD").split()
        self.identity = min(roots, default="")[:12]
        self.commits = int(self._output("rev-list", "--count", "--no-merges", "HEAD"))
        self.web = _web(self._output("config", "--get", "remote.origin.url", missing=""))

    def states(self, *patterns: str) -> Iterator[tuple[int, FileState]]:
        """States of the files that match (Git's pathspecs), each with its commit's number from 1.

        Raises:
            TrackerError: Git fails on the way.
        """
        form = f"--format={COMMIT}%H{END}%at{END}%s"
        arguments: tuple[str, ...] = (
            "log",
            "--reverse",
            "--no-merges",
            "--raw",
            "--no-abbrev",
            "--no-renames",
        )
        arguments += ("--no-ext-diff", "--no-textconv", "-z", "--diff-filter=AM", form, "HEAD")
        with self._started(*arguments, "--", *patterns) as process:
            assert process.stdout is not None  # noqa: S101 - narrows for the type checker
            yield from _read_log(process.stdout)

    @contextmanager
    def bodies(self) -> Iterator[Bodies]:
        """Reads files' bodies by their ids."""
        with self._started("cat-file", "--batch", feed=True) as process:
            yield Bodies(process)

    def address(self, state: FileState) -> str:
        """Where a state can be looked at: on the web where the repository came from there."""
        if self.web:
            return f"{self.web}/blob/{state.commit}/{state.path.replace(' ', '%20')}"
        return f"git:{self._repository.resolve().name}/{state.commit}:{state.path}"

    def _output(self, *arguments: str, missing: str | None = None) -> str:
        command = self._command(*arguments)
        try:
            process = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise TrackerError("this import needs Git: install it, and try again") from error
        if process.returncode and missing is None:
            why = process.stderr.strip().splitlines()
            said = why[-1].removeprefix("fatal: ") if why else "it says nothing"
            raise TrackerError(f"cannot read the Git repository {self._repository}: {said}")
        return process.stdout.strip() if not process.returncode else missing or ""

    @contextmanager
    def _started(self, *arguments: str, feed: bool = False) -> Iterator[subprocess.Popen[bytes]]:
        stdin = subprocess.PIPE if feed else subprocess.DEVNULL
        process = subprocess.Popen(self._command(*arguments), stdin=stdin, stdout=subprocess.PIPE)
        try:
            yield process
        except GeneratorExit:
            process.kill()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            code = process.wait()
        if code:
            raise TrackerError(f"git {arguments[0]} failed with status {code}")

    def _command(self, *arguments: str) -> list[str]:
        return ["git", *QUIET, "-C", str(self._repository), *arguments]


class Bodies:
    """A ``git cat-file --batch`` that answers."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def read(self, blob: str) -> bytes:
        """A body.

        Raises:
            TrackerError: the repository lacks it (a partial clone), or is damaged.
        """
        ask, answer = self._process.stdin, self._process.stdout
        assert ask is not None  # noqa: S101 - narrows for the type checker
        assert answer is not None  # noqa: S101 - narrows for the type checker
        ask.write(f"{blob}\n".encode())
        ask.flush()
        head = answer.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            raise TrackerError(f"the Git repository lacks the file {blob}: clone it whole")
        body = answer.read(int(head[2]))
        answer.read(1)
        return body


def _read_log(stream: IO[bytes]) -> Iterator[tuple[int, FileState]]:
    """Read ``git log --raw -z``: NUL ends a commit's line, a file's numbers, and a path."""
    number, commit, when, subject = 0, "", datetime.now(UTC), ""
    numbers: list[str] | None = None
    for piece in _pieces(stream):
        text = piece.decode("utf-8", "replace").lstrip("\n")
        if numbers is not None:
            if not commit:
                raise TrackerError("cannot read what Git tells of the repository's history")
            yield (
                number,
                FileState(commit=commit, when=when, subject=subject, path=text, blob=numbers[3]),
            )
            numbers = None
        elif text.startswith(COMMIT):
            commit, stamp, subject = text[1:].split(END, 2)
            when, number = datetime.fromtimestamp(int(stamp), UTC), number + 1
        elif text.startswith(":"):
            numbers = text.split()


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(1 << 16):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _web(origin: str) -> str | None:
    """A forge's page of a repository, from the address that it was cloned from."""
    if origin.startswith("git@") and ":" in origin:
        host, _, path = origin.removeprefix("git@").partition(":")
        origin = f"https://{host}/{path}"
    if not origin.startswith(("https://", "http://")):
        return None
    scheme, _, rest = origin.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}".removesuffix("/").removesuffix(".git")
