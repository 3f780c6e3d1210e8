"""Segments a second on one core, and the time to import and load.

Run: ``OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.bench_classify``
"""

from __future__ import annotations

import subprocess
import sys
import time

from tracker.classify.model import load

# 63 words, the corpus's median; numbered words keep the texts apart.
SENTENCE = (
    "We may share the personal information that you give us when you register with service"
    " providers who help us to run our site, and with advertising partners, unless you opt out."
    " We keep it as long as your account is active or as needed to provide you services {0}, and"
    " protect it by encryption against loss and misuse of record {0}."
)
COUNT = 10_000


def main() -> None:
    """Print the figures as process time, which other load on the machine disturbs least."""
    texts = [SENTENCE.format("".join(chr(97 + int(d)) for d in str(i))) for i in range(COUNT)]
    classifier = load()
    for _ in range(3):
        start = time.process_time()
        classifier.categories(texts)
        print(f"{COUNT / (time.process_time() - start):,.0f} segments/s")
    code = (
        "import time; t = time.process_time(); import numpy; n = time.process_time();"
        "from tracker.classify.model import load; load();"
        "print(f'numpy {n - t:.3f} s, the rest {time.process_time() - n:.3f} s')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    main()
