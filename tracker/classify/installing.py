"""Puts a trained model into place whole, or not at all."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.classify.model import META
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_target(folder: Path) -> None:
    """Raises TrackerError where `folder` holds something that is no model: nothing is lost."""
    if folder.exists() and not (folder / META).exists() and _anything(folder):
        raise TrackerError(f"{folder} holds no model: choose another folder")


@contextmanager
def installed(folder: Path) -> Iterator[Path]:
    """A new folder to write a model to; when the block ends well it becomes `folder`.

    A model that stands there is replaced in one rename.

    Raises:
        TrackerError: `folder` holds something else, or cannot be written.
    """
    check_target(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as place:
            made = Path(place) / "model"
            yield made
            if folder.exists():
                folder.rename(Path(place) / "replaced")
            made.rename(folder)
    except OSError as error:
        raise TrackerError(f"cannot write {folder}: {error.strerror}") from error


def _anything(folder: Path) -> bool:
    return not folder.is_dir() or any(folder.iterdir())
