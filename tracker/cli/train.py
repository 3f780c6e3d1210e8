"""``tracker train``: a classifier of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured
from tracker.cli.output import say
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from tracker.config import Config


@click.command("train")
@click.argument("labels", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("model"),
    show_default=True,
    help="The model's folder; a model that is there is replaced.",
)
@click.option(
    "--licence",
    default="not stated",
    show_default=True,
    help="What the labels may be used for, for the model's card.",
)
@configured
def command(labels: Path, output: Path, licence: str, config: Config) -> None:  # noqa: ARG001 - every command reads its configuration
    """Train a classifier on labels of your own: JSONL, a category or a labelled text a line.

    A category is {"category", "description"?, "examples"?}, a text {"text", "categories",
    "heading"?, "policy"?}. Texts of one policy are tested together. Without a category of your own
    the names are those of OPP-115. Then, in config.toml:

    \b
      [classifier]
      model = "model"

    and `tracker reprocess`, which labels anew what is kept.

    \b
    Example:
      tracker train labels.jsonl -o biometrics --licence "CC BY 4.0"
    """
    try:
        from tracker.classify.own_labels import LabelsError
        from tracker.classify.own_model import train_own
    except ModuleNotFoundError as error:
        raise TrackerError(f"training needs {error.name}: pip install {error.name}") from error
    try:
        version = train_own(labels, output, licence=licence)
    except LabelsError as error:
        for problem in error.problems:
            say(f"{labels}: {problem}")
        raise
    say(f"{version}: written to {output.resolve()}; card.md there says how good it is")
    say(f'to use it, write in config.toml:\n\n[classifier]\nmodel = "{output}"\n')
    say("then label anew what is kept: tracker reprocess")
