"""The pages of the web app as a client sees them: status, headers, forms, feeds."""

from __future__ import annotations

import csv
import io
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from storage.database import open_database
from tests.asgi_client import Client
from tests.injections import INJECTIONS
from tests.kept_texts import Told, keep_site
from tracker.classify.model import load
from tracker.config import Config
from tracker.history import history_document
from tracker.kept import load_history
from tracker.labels import LabelBook
from tracker.web.access import Access
from tracker.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Database

TOKEN = "0123456789abcdef"  # noqa: S105 - of these tests alone
TEXTS = [
    "# Privacy\n\nLast updated: May 1, 2015\n\n=We keep your data for ten months.",
    "# Privacy\n\nLast updated: May 1, 2015\n\n=We keep your data for two years.",
    "# Privacy\n\nLast updated: May 1, 2016\n\n=We sell your data to brokers.\x0b",
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    book = LabelBook(load)
    with open_database(str(tmp_path_factory.mktemp("pages") / "tracker.db")) as db:
        keep_site(db, "example.com", TEXTS, book, Told(name="Example"))
        keep_site(db, "pdf.example", TEXTS[:1], book, Told(body=b"%PDF-1.7"))
        for number in range(120):
            keep_site(db, f"site{number:03}.example", [], book)
        yield db


@pytest.fixture
def client(kept: Database) -> Client:
    return Client(create_app(kept, Config(), Access(), reviewer="ann"))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


PAGES = (
    "/",
    "/changes",
    "/changes?category=retention&silent=1",
    "/site/example.com",
    "/site/example.com/version/2",
    "/site/example.com/at/2015-06-01",
    "/site/example.com/diff/1/3",
    "/site/example.com/diff/3/1?all=1&only=retention",
    "/review",
    "/review?state=all&site=example.com&category=retention&since=2015-01-01&min_score=1",
    "/site/example.com/failures",
    "/trends",
    "/trends?by=quarter&from=2015&to=2016-12-31&site=example.com",
    "/runs",
    "/runs?next=1&site=example.com",
    "/search",
    "/search?q=data&category=retention",
    "/search?q=brokers&first=1&site=example.com",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_as_page_and_table(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    more = "&" if "?" in path else "?"
    table = client.get(f"{path}{more}format=csv")
    assert table.headers["content-type"].startswith("text/csv")
    rows(table.text)
    assert client.get(f"{path}{more}format=json").json() is not None


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/site/unknown.example", 404, "tracker crawl unknown.example"),
        ("/site/example.com/version/9", 404, "has no version 9"),
        ("/site/example.com/version/0", 404, "has no version 0"),
        ("/site/example.com/version/99999999999999999999", 404, "no number"),
        ("/site/example.com/at/soon", 400, "write it as 2015-05-12"),
        ("/site/example.com/at/1999-01-01", 404, "no version in force"),
        ("/site/example.com?format=xml", 400, "no format"),
        ("/version/abc", 404, "no version"),
        ("/review/000000000000-000000000000", 404, "no change"),
        ("/review/999999", 404, "names no change"),
        ("/review?state=odd", 400, "is no state"),
        ("/review?after=x", 400, "no place"),
        ("/changes?after=20150101.x.y", 400, "no place"),
        ("/changes?page=-1", 400, "no numbers"),
        ("/review?page=99", 400, "no numbers"),
        ("/?page=2", 400, "no numbers"),
        ("/trends?by=day", 400, "no period"),
        ("/trends?from=2030&to=2010", 400, "lies after to"),
        ("/trends?tag=zz", 404, "no site is tagged zz"),
        ("/trends?from=soon", 400, "no year"),
        ("/runs?site=unknown.example", 404, "not tracked"),
        ("/search?q=%22", 400, "quotation mark"),
        ("/static/../app.py", 404, ""),
        ("/static/%2e%2e%2fapp.py", 404, ""),
        ("/nothing", 404, "no such page"),
        ("/?q=a%00b", 400, "means nothing"),
        ("/site/a%00b", 400, "means nothing"),
        (f"/?q={'x' * 501}", 400, "longer than"),
        (f"/?q={'x' * 9000}", 414, "too long"),
    ],
)
def test_what_cannot_be_shown_says_why(client: Client, path: str, status: int, says: str) -> None:
    answer = client.get(path)
    assert answer.status == status
    assert says in answer.text
    assert "Traceback" not in answer.text


def test_every_answer_tells_the_browser_to_trust_nothing(client: Client) -> None:
    for path in ("/", "/nothing", "/static/app.css", "/site/example.com?format=csv", "/feed.atom"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_json_is_what_the_command_line_prints(client: Client, kept: Database) -> None:
    shown = client.get("/site/example.com?format=json").json()
    assert shown == history_document(load_history(kept, "example.com"))


def test_a_cell_is_no_formula(client: Client) -> None:
    table = client.get("/site/example.com/diff/1/2?format=csv").text
    assert any(row["new_text"].startswith("'=We keep") for row in rows(table))


def test_sites_are_paged_both_ways(client: Client) -> None:
    def listed(path: str) -> list[str]:
        more = "&" if "?" in path else "?"
        sites: list[dict[str, Any]] = client.get(f"{path}{more}format=json").json()["sites"]
        return [site["site"] for site in sites]

    first = listed("/")
    second = listed(f"/?after={first[-1]}")
    third = listed(f"/?after={second[-1]}")
    assert [*first, *second, *third] == sorted({*first, *second, *third})
    assert len(first) == len(second) == 50
    assert len(third) == 22
    assert listed(f"/?before={third[0]}") == second
    assert listed("/?q=SITE11") == [f"site11{number}.example" for number in range(10)]
    assert listed("/?q=%25") == []


def test_archived_bytes_are_never_a_page(client: Client) -> None:
    text = client.get("/site/example.com/version/1/raw")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "sandbox" in text.headers["content-security-policy"]
    kept = client.get("/site/example.com/version/1/raw?download=1")
    assert kept.headers["content-disposition"].startswith("attachment")
    assert client.get("/site/pdf.example/version/1/raw").headers["content-type"] == (
        "application/octet-stream"
    )


@pytest.mark.parametrize("path", ["/feed.atom", "/site/example.com/feed.atom"])
def test_feeds_are_valid_and_their_entries_keep_their_ids(client: Client, path: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import feedparser

        feed = feedparser.parse(client.get(path).body)
        again = feedparser.parse(client.get(path).body)
    assert not feed.bozo
    assert feed.version == "atom10"
    newest, oldest = feed.entries
    assert newest.id.startswith("urn:uuid:")
    assert [entry.id for entry in feed.entries] == [entry.id for entry in again.entries]
    assert newest.updated > oldest.updated
    assert "<ins>" in oldest.content[0].value
    assert "silent" in oldest.title
    assert newest.link == "http://localhost:8321/site/example.com/diff/2/3"
    assert client.get(newest.link.removeprefix("http://localhost:8321")).status == 200


def test_a_name_of_somebody_else_is_not_answered(kept: Database) -> None:
    app = create_app(kept, Config(), Access())
    assert Client(app, host="evil.example").get("/").status == 421
    assert Client(app, host="127.0.0.1:9").get("/").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    answer = client.ask(method, "/", {})
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_head_is_get_without_a_body(client: Client) -> None:
    answer = client.ask("HEAD", "/site/example.com", {})
    assert answer.status == 200
    assert int(answer.headers["content-length"]) > 1000


def change(client: Client) -> str:
    found: list[dict[str, Any]] = client.get("/review?state=all&format=json").json()
    return f"/review/{found[0]['id']}"


def form(client: Client, path: str) -> dict[str, str]:
    page = client.get(path).text

    def value(name: str) -> str:
        return page.partition(f'name="{name}" value="')[2].partition('"')[0]

    return {"csrf": value("csrf"), "revision": value("revision"), "reviewer": "ann"}


def test_a_form_needs_its_token_and_its_own_origin(client: Client) -> None:
    path = change(client)
    fields = form(client, path) | {"verdict": "routine"}
    assert client.post(path, fields | {"csrf": "0" * 64}).status == 403
    assert client.post(path, {"verdict": "routine"}).status == 403
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert client.post(path, fields, headers).status == 403
    assert client.post(path, fields, {"origin": "null"}).status == 403
    stranger = Client(client._app)
    assert stranger.post(path, fields).status == 403, "another browser's token"
    assert client.get(f"{path}?format=json").json()["history"] == []
    huge = client.ask("POST", path, {"content-length": "1000000"}, b"")
    assert huge.status == 413
    plain = client.ask("POST", path, {"content-type": "text/plain"}, b"x=1")
    assert plain.status == 415


def test_a_verdict_is_kept_taken_back_and_never_written_over(client: Client) -> None:
    path = change(client)
    fields = form(client, path)
    note = INJECTIONS[3]
    marked = client.post(path, fields | {"verdict": "important", "note": note, "tags": "a, b"})
    assert marked.status == 303
    assert client.cookies["tracker_reviewer"] == "ann"
    stale = client.post(path, fields | {"verdict": "false", "reviewer": "bob", "note": "Mine."})
    assert stale.status == 409
    assert "important" in stale.text
    assert "Mine." in stale.text
    assert note not in stale.text, "escaped"

    said = client.get(f"{path}?format=json").json()
    assert said["state"] == "important"
    assert said["review"]["tags"] == ["a", "b"]
    assert client.post(path, form(client, path) | {"keep": "1", "note": "Kept."}).status == 303
    assert client.get(f"{path}?format=json").json()["state"] == "important"
    for _ in range(2):
        assert client.post(f"{path}/undo", form(client, path)).status == 303
    said = client.get(f"{path}?format=json").json()
    assert said["state"] == "open"
    assert len(said["history"]) == 4


def test_a_note_is_filled_in_for_whoever_wrote_it(client: Client) -> None:
    path = change(client)
    note = "Of ann alone."
    client.post(path, form(client, path) | {"verdict": "important", "note": note})
    assert f"{note}</textarea>" in client.get(path).text
    client.cookies["tracker_reviewer"] = "bob"
    assert f"{note}</textarea>" not in client.get(path).text

    undone = client.post(f"{path}/undo", form(client, path))
    shown = client.get(undone.headers["location"]).text
    assert "taken back <strong>important</strong>" in shown
    assert f"{note}</textarea>" in shown, "to be said again otherwise"
    assert "in a file" not in shown


def test_categories_of_a_statement_are_put_right(client: Client) -> None:
    path = change(client)
    client.post(path, form(client, path) | {"verdict": "important", "note": "Mine.", "tags": "a"})
    for statement, boxes in (("1", {"category-4": "on", "category-5": "on"}), ("1", {})):
        sent = form(client, path) | boxes
        assert client.post(f"{path}/labels", sent | {"statement": "99"}).status == 400
        assert client.post(f"{path}/labels", sent | {"csrf": "0"}).status == 403
        done = client.post(f"{path}/labels", sent | {"statement": statement})
        assert (done.status, done.headers["location"].partition("?")[0]) == (303, path)
        review = client.get(f"{path}?format=json").json()["review"]
        [label] = review["labels"]
        assert label["categories"] == (["Data Retention", "Data Security"] if boxes else [])
        assert (review["verdict"], review["note"], review["tags"]) == ("important", "Mine.", ["a"])
        shown = "Data Retention; Data Security" if boxes else "none"
        assert f"<strong>{shown}</strong>" in client.get(path).text
    stale = client.post(f"{path}/labels", sent | {"statement": "1"})
    assert (stale.status, "Nothing was written" in stale.text) == (409, True)


@pytest.mark.parametrize("fields", [{"verdict": "odd"}, {"verdict": "routine", "reviewer": ""}])
def test_a_form_that_makes_no_sense_writes_nothing(client: Client, fields: dict[str, str]) -> None:
    path = change(client)
    before = client.get(f"{path}?format=json").json()
    assert client.post(path, form(client, path) | fields).status == 400
    assert client.post(path, form(client, path) | {"revision": "x"}).status == 400
    assert client.get(f"{path}?format=json").json() == before


def test_a_token_opens_the_door_once(kept: Database) -> None:
    app = create_app(kept, Config(), Access(token=TOKEN))
    client = Client(app, peer="10.0.0.9")
    refused = client.get("/site/example.com")
    assert refused.status == 401
    assert "example.com</h1>" not in refused.text
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/feed.atom").headers["www-authenticate"].startswith("Basic")
    assert client.get("/static/app.css").status == 200
    assert client.get("/?token=wrong").status == 401
    wrong = client.post("/sign-in", {"token": "wrong", "target": "/"})
    assert wrong.status == 401
    opened = client.get(f"/changes?silent=1&token={TOKEN}")
    assert opened.status == 303
    assert opened.headers["location"] == "/changes?silent=1"
    assert TOKEN not in str(opened.headers)
    assert client.get("/site/example.com").status == 200

    signing_in = Client(app, peer="10.0.0.9")
    elsewhere = signing_in.post("/sign-in", {"token": TOKEN, "target": "//evil.example/x"})
    assert elsewhere.headers["location"] == "/evil.example/x"
    assert signing_in.get("/").status == 200
    assert Client(app).get("/feed.atom", authorization=f"Bearer {TOKEN}").status == 200


def test_a_proxy_is_believed_that_it_speaks_https(kept: Database) -> None:
    app = create_app(kept, Config(), Access(proxies=frozenset({"127.0.0.1"})))
    forwarded = {"x_forwarded_proto": "https"}
    assert "https://localhost:8321/site/" in Client(app).get("/feed.atom", **forwarded).text
    assert (
        "https://localhost" not in Client(app, peer="10.0.0.9").get("/feed.atom", **forwarded).text
    )


def test_the_user_of_a_proxy_reviews_under_that_name(kept: Database) -> None:
    access = Access(user_header="X-User", proxies=frozenset({"127.0.0.1"}))
    app = create_app(kept, Config(), access)
    assert Client(app).get("/").status == 401
    assert Client(app, peer="10.0.0.9").get("/", x_user="eve").status == 401
    client = Client(app)
    path = "/review?state=all&format=json"
    found = client.get(path, x_user="carol").json()[0]["id"]
    page = client.get(f"/review/{found}", x_user="carol").text
    fields = {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0]
        for name in ("csrf", "revision")
    }
    sent = fields | {"verdict": "routine", "reviewer": "mallory"}
    assert client.post(f"/review/{found}", sent, {"x-user": "carol"}).status == 303
    said = client.get(f"/review/{found}?format=json", x_user="carol").json()
    assert said["review"]["reviewer"] == "carol"
