"""Versions in the large: real texts in noisy pages of three templates, and long series.

``python -m tests.benchmarks.bench_versions quality`` renders the shared texts in each template in
turn, 1,890 versions in all; ``speed`` derives series of 5,000 captures with 40 versions.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime, timedelta

from storage.records import Observation, Verdict, format_timestamp
from tests.conftest import SHARED
from tests.quality.rendered import TEMPLATES
from tests.quality.rendered_versions import longitudinal, score_rendered
from tracker.versions.series import derive

CAPTURES = 5_000
VERSIONS = 40


def quality() -> None:
    for turn in range(len(TEMPLATES)):
        print(f"turn {turn}: {score_rendered(SHARED, turn=turn).report()}", flush=True)


def speed() -> None:
    text = max((found[0] for found in longitudinal(SHARED).values()), key=len)
    texts = [_amended(text, times) for times in range(VERSIONS)]
    for name, noise in (("same words", 0), ("a promotion in a third", 1), ("and a clock", 2)):
        observations = _long_series(texts, noise)
        began = time.process_time()
        runs = derive(observations, lambda _: ()).runs
        seconds = time.process_time() - began
        print(f"{name}: {len(runs)} versions of {CAPTURES} captures in {seconds:.2f} s of CPU")


def _amended(text: str, times: int) -> str:
    lines = text.split("\n")
    for time_ in range(times):
        lines[time_ * len(lines) // VERSIONS] += f" Amended for the {time_}th time."
    return "\n".join(lines)


def _long_series(texts: list[str], noise: int) -> list[Observation]:
    rng = random.Random(1)
    start = datetime(2010, 1, 1, tzinfo=UTC)
    observations = []
    for number in range(CAPTURES):
        lines = texts[number * len(texts) // CAPTURES].split("\n")
        if noise and rng.random() < 0.3:
            lines.insert(len(lines) // 3, f"See our offer number {rng.randrange(9)} of the season!")
        if noise > 1:
            lines.append(f"Page written at {rng.random()} by our server.")
        observations.append(
            Observation(
                snapshot_id=number,
                url="https://example.com/privacy",
                timestamp=format_timestamp(start + timedelta(days=number)),
                archive_url="",
                verdict=Verdict.POLICY,
                markdown="\n".join(lines),
                language="en",
            )
        )
    return observations


if __name__ == "__main__":
    {"quality": quality, "speed": speed}[sys.argv[1]]()
