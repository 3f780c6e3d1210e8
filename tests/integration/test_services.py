"""The servers of the tests are what they claim to be, or the crawler's would prove nothing."""

from __future__ import annotations

import gzip
import http.client
import socket
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator
from waybackpy import WaybackMachineCDXServerAPI

from tests.integration.conftest import SAMPLE, StartWayback
from tests.standins.faults import Faults
from tracker.demo.render import render
from tracker.demo.timeline import DemoCapture, DemoSite, load_sites

if TYPE_CHECKING:
    from email.message import Message

    from tests.integration.services import Pywb
    from tests.standins.wayback import WaybackStandIn


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        """A redirect is an answer to look at."""


def get(url: str) -> tuple[int, Message, bytes]:
    try:
        with urllib.request.build_opener(_Stay).open(url, timeout=30) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def site(domain: str) -> DemoSite:
    return next(each for each in load_sites() if each.domain == domain)


def capture(domain: str, timestamp: str) -> DemoCapture:
    return next(each for each in site(domain).captures if each.timestamp == timestamp)


@pytest.mark.filterwarnings("ignore:.*utcnow:DeprecationWarning")
@pytest.mark.parametrize("domain", [each.domain for each in load_sites()])
def test_waybackpy_lists_every_capture_of_the_sample_archive(
    wayback: WaybackStandIn, domain: str
) -> None:
    api = WaybackMachineCDXServerAPI(domain, "tests", match_type="domain", limit="10")
    api.endpoint = f"{wayback.url}/cdx/search/cdx"
    listed = sorted((row.timestamp, row.original) for row in api.snapshots())
    assert listed == sorted((each.timestamp, each.url) for each in site(domain).captures)
    assert len(wayback.requests("cdx")) >= len(listed) / 10


def test_replay_gives_every_payload_of_the_warc(wayback: WaybackStandIn) -> None:
    compared = 0
    with SAMPLE.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type != "response":
                continue
            url = record.rec_headers.get_header("WARC-Target-URI")
            date = record.rec_headers.get_header("WARC-Date")
            timestamp = "".join(filter(str.isdigit, date))
            status, headers, body = get(f"{wayback.url}/web/{timestamp}id_/{url}")
            assert status == int(record.http_headers.get_statuscode())
            assert body == record.content_stream().read()
            assert headers["Memento-Datetime"]
            compared += 1
    assert compared > 100


def test_a_page_in_windows_1252_keeps_its_bytes_and_names_no_charset(
    wayback: WaybackStandIn,
) -> None:
    page = capture("nordlicht-karten.example", "20150114183341")
    status, headers, body = get(f"{wayback.url}/web/{page.timestamp}id_/{page.url}")
    assert (status, headers["Content-Type"]) == (200, "text/html")
    assert "Datenschutzerklärung".encode("cp1252") in body
    assert b"charset" not in body
    assert body == render(site("nordlicht-karten.example"), page).body


def test_a_revisit_replays_the_payload_it_repeats(wayback: WaybackStandIn) -> None:
    url = "http://www.lumenpost.example/privacy.html"
    _, _, first = get(f"{wayback.url}/web/20140630201144id_/{url}")
    status, _, again = get(f"{wayback.url}/web/20141105033027id_/{url}")
    assert (status, again) == (200, first)
    _, _, row = get(f"{wayback.url}/cdx/search/cdx?url={url}&from=20141105&to=20141105")
    assert row.split()[3:5] == [b"warc/revisit", b"-"]


def test_an_instant_without_capture_leads_to_the_nearest(wayback: WaybackStandIn) -> None:
    url = "https://www.tidewell-health.example/privacy"
    status, headers, _ = get(f"{wayback.url}/web/20200101000000id_/{url}")
    assert (status, headers["Location"]) == (302, f"{wayback.url}/web/20190311210058id_/{url}")
    assert "Memento-Datetime" not in headers


def test_an_archived_redirect_stays_in_the_archive_and_links_its_neighbours(
    start_wayback: StartWayback,
) -> None:
    wayback = start_wayback()
    old = "/web/20180529043322id_/http://www.lumenpost.example/privacy.html"
    new = "https://lumenpost.example/legal/privacy"
    status, headers, _ = get(wayback.url + old)
    assert (status, headers["Location"]) == (301, f"{wayback.url}/web/20180529043322id_/{new}")
    assert 'rel="prev memento"' in headers["Link"]
    # http to https is the same key to an index, and pywb alone would not replay it
    status, headers, _ = get(f"{wayback.url}/web/20180711101010id_/http://www.lumenpost.example/")
    assert (status, headers["Location"].split("id_/")[1]) == (301, "https://lumenpost.example/")
    wayback.faults = Faults(leave_archive=True)
    assert get(wayback.url + old)[1]["Location"] == new


def test_the_index_filters_collapses_limits_and_resumes(wayback: WaybackStandIn) -> None:
    def rows(**parameters: str) -> list[bytes]:
        query = urllib.parse.urlencode({"url": "lumenpost.example", **parameters})
        _, _, body = get(f"{wayback.url}/cdx/search/cdx?matchType=domain&{query}")
        return body.splitlines()

    everything = rows()
    assert rows(filter="statuscode:404") == [row for row in everything if b" 404 " in row]
    assert rows(filter="!statuscode:[23].*", filter0="mimetype:text/.*") == [
        row for row in everything if b" 404 " in row or b" 503 " in row
    ]
    assert len(rows(collapse="timestamp:4", fl="timestamp")) < len(everything)
    assert rows(limit="-2") == everything[-2:]
    *first, blank, key = rows(limit="7", showResumeKey="true")
    rest = rows(resumeKey=key.decode())
    assert (first + rest, blank) == (everything, b"")
    assert rows(url="nowhere.example", output="json") == [b"[]"]


@pytest.mark.parametrize(
    ("faults", "statuses"),
    [
        (Faults(too_many_every=2), [200, 429, 200, 429]),
        (Faults(unavailable_every=3), [200, 200, 503, 200]),
        (Faults(window_after=2, window_seconds=60), [200, 200, 429, 429]),
        (Faults(cold=True), [504, 200, 200, 200]),
        (Faults(excluded=frozenset({"lumenpost.example"})), [403, 403, 403, 403]),
        (Faults(services=frozenset({"cdx"}), too_many_every=1), [200, 200, 200, 200]),
    ],
)
def test_faults_come_in_their_turn_without_a_memento_header(
    start_wayback: StartWayback, faults: Faults, statuses: list[int]
) -> None:
    wayback = start_wayback(faults=faults)
    page = f"{wayback.url}/web/20140211081511id_/http://www.lumenpost.example/privacy.html"
    answers = [get(page) for _ in statuses]
    assert [status for status, _, _ in answers] == statuses
    assert all(("Memento-Datetime" in headers) == (status == 200) for status, headers, _ in answers)
    assert [each.status for each in wayback.requests("replay")] == statuses


def test_faults_of_the_wire_reach_the_client(start_wayback: StartWayback) -> None:
    page = "/web/20140211081511id_/http://www.lumenpost.example/privacy.html"
    whole = get(start_wayback().url + page)[2]
    with pytest.raises(http.client.IncompleteRead):
        get(start_wayback(faults=Faults(truncate_every=1)).url + page)
    assert get(start_wayback(faults=Faults(wrong_length_every=1)).url + page)[2] == whole[:-10]
    with pytest.raises((ConnectionResetError, urllib.error.URLError)):
        get(start_wayback(faults=Faults(reset_every=1)).url + page)
    twice = get(start_wayback(faults=Faults(double_gzip=True)).url + page)[2]
    assert gzip.decompress(gzip.decompress(twice)) == whole


def test_a_broken_index_is_broken_as_asked(start_wayback: StartWayback) -> None:
    query = "/cdx/search/cdx?url=lumenpost.example&matchType=domain"
    _, headers, body = get(start_wayback(faults=Faults(html_cdx=True)).url + query)
    assert headers["Content-Type"] == "text/html"
    assert body.startswith(b"<!DOCTYPE html>")
    _, _, body = get(start_wayback(faults=Faults(malformed_rows_every=5)).url + query)
    assert [len(row.split()) for row in body.splitlines()[:5]] == [7, 7, 7, 7, 2]


def test_pywb_listens_on_loopback_alone(pywb: Pywb) -> None:
    port = urllib.parse.urlsplit(pywb.url).port
    assert port
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port)}
    for address in others - {"127.0.0.1", "127.0.1.1", "::1"}:
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            socket.create_connection((str(address), port), timeout=2)
    assert get(f"{pywb.collection('sample')}/cdx?url=lumenpost.example&limit=1")[0] == 200


def test_the_shared_stand_in_serves_the_dev_archive(shared_wayback: str) -> None:
    _, _, body = get(f"{shared_wayback}/cdx/search/cdx?url=picroma.com&matchType=domain")
    assert len(body.splitlines()) > 3


@pytest.mark.parametrize(
    "query",
    [
        "url=picroma.com&matchType=domain&output=json",
        "url=*.npmjs.com&collapse=digest&limit=40",
        "url=github.com&matchType=host&filter=statuscode:200&collapse=timestamp:6&fl=timestamp,digest",
        "url=opentermsarchive.org/en/&matchType=prefix&from=2024&to=202506&limit=-9",
        "url=buffer.com/legal&showResumeKey=true&limit=5",
        "url=https://www.pressera.com/&output=json",
        "url=nowhere.example",
    ],
)
def test_two_independent_stand_ins_agree(
    shared_wayback: str, start_wayback: StartWayback, query: str
) -> None:
    ours = get(f"{start_wayback('dev').url}/cdx/search/cdx?{query}")
    theirs = get(f"{shared_wayback}/cdx/search/cdx?{query}")
    assert (ours[0], ours[2].split()) == (theirs[0], theirs[2].split())
