"""Where exports and reports go: they appear under their name when they are whole, or not at all."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place beside ``path`` to write a file or a folder to; it is moved there at the end.

    Raises:
        TrackerError: something stands there already, or it cannot be written.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise TrackerError(f"{path} exists already: move it away, or export to another place")
    partial = _beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        if path.is_dir():
            path.rmdir()
        partial.rename(path)
    except OSError as error:
        raise TrackerError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        if partial.is_dir():
            shutil.rmtree(partial)
        else:
            partial.unlink(missing_ok=True)


def write_whole(path: Path, text: str, *, errors: str = "strict") -> None:
    """Write a text file (UTF-8) in the place of whatever stood there.

    Where that fails – a full disk – what stood there stays. What is no file, such as a pipe or
    ``/dev/stdout``, is written to as it is.

    Raises:
        TrackerError: it cannot be written there.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", errors=errors, newline="")
            return
        target = path.resolve()
        partial = _beside(target)
        try:
            partial.write_text(text, encoding="utf-8", errors=errors, newline="")
            if target.exists():
                shutil.copymode(target, partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise TrackerError(f"cannot write {path}: {error.strerror or error}") from error


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.{os.getpid()}.partial")
