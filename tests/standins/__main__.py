"""Serves the sample archive on loopback until stopped, for trying things by hand.

``python -m tests.standins [WARC]``
"""

from __future__ import annotations

import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.integration.services import ROOT, running_pywb
from tests.standins.wayback import WaybackStandIn


def main() -> None:
    warc = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tracker/demo/archive.warc.gz"
    with (
        tempfile.TemporaryDirectory() as folder,
        running_pywb(Path(folder), {"sample": warc.resolve()}) as pywb,
        WaybackStandIn(
            collection=pywb.collection("sample"),
            index=pywb.index("sample"),
            warc=pywb.warc("sample"),
            log=Path(folder) / "requests.jsonl",
        ) as standin,
    ):
        sys.stderr.write(f"pywb:{pywb.collection('sample')}\nwayback:{standin.url}\n")
        sys.stderr.write(f"requests are logged in {standin.log.path}; end with Ctrl-C\n")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
