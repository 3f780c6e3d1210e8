"""The web app in a real Chromium: by keyboard, on a phone, in the dark, for everyone, unharmed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.browser.conftest import HOSTILE
from tests.injections import INJECTIONS

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"

PLAIN = "/site/plain.example"
PAGES = {
    "sites": "/",
    "sites found": "/?q=plain",
    "no such site": "/site/unknown.example",
    "site": PLAIN,
    "site with one version": "/site/once.example",
    "site without versions": "/site/none.example",
    "version": f"{PLAIN}/version/2",
    "version on a day": f"{PLAIN}/at/2015-12-01",
    "side by side": f"{PLAIN}/diff/1/2",
    "side by side, whole": f"{PLAIN}/diff/1/3?all=1",
    "changes": "/changes",
    "review queue": "/review",
    "change to review": "",
    "trends": "/trends",
    "runs": "/runs",
    "failures": f"{PLAIN}/failures",
    "search": "/search?q=police",
    "search, first": "/search?q=biometric&first=1",
}

AXE_RUN = """async (only) => {
  const found = await axe.run(document, only.length ? {runOnly: only} : {});
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((n) => n.html).join(" ")}`);
}"""

TRACES = """() => [
  ...document.querySelectorAll("script:not([src^='/static/']), iframe, img, object, embed, base"),
  ...[...document.querySelectorAll("a[href]")].filter(
    (a) => !/^https?:$/.test(new URL(a.getAttribute("href"), location).protocol)),
  ...[...document.querySelectorAll("*")].filter(
    (e) => [...e.attributes].some((a) => a.name.startsWith("on") || a.name === "style")),
].map((element) => element.outerHTML)"""


def open_review(page: Page, server: str) -> None:
    page.goto(f"{server}/review?site=plain.example")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#verdict")


def visit(page: Page, server: str, path: str) -> None:
    if path:
        page.goto(server + path)
    else:
        open_review(page, server)


@pytest.mark.parametrize("rules", [[], ["color-contrast"]], ids=["light", "dark"])
def test_every_page_is_accessible(page: Page, server: str, rules: list[str]) -> None:
    page.emulate_media(color_scheme="dark" if rules else "light")
    source = AXE.read_text()
    found = {}
    for name, path in PAGES.items():
        if "no such" not in name:
            visit(page, server, path)
            page.evaluate(source)
            found[name] = page.evaluate(AXE_RUN, rules)
    assert not any(found.values()), found


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_scrolls_sideways(page: Page, server: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    hostile = quote(HOSTILE, safe="")
    for path in [*PAGES.values(), f"/site/{hostile}", f"/site/{hostile}/diff/1/2"]:
        visit(page, server, path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path


def test_dark_is_dark(page: Page, server: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(server + PLAIN)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in paper.strip("rgb()").split(",")) < 60


def test_a_change_is_reviewed_by_keyboard_alone(page: Page, own_server: str) -> None:
    open_review(page, own_server)
    reviewed = page.url
    page.keyboard.press("n")
    page.keyboard.type("They sell it now.")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.wait_for_selector("#undo")
    assert page.url != reviewed, "on to the next change"
    assert "marked important" in page.inner_text("#undo")

    page.keyboard.press("2")
    page.wait_for_selector("text=That was the last one here.")
    page.goto(f"{own_server}/review?state=important")
    assert page.locator("ol.changes > li").count() == 1

    page.goto(reviewed)
    assert "They sell it now." in page.inner_text("section:has(#said)")
    page.keyboard.press("u")
    page.wait_for_selector("text=took it back")
    assert "taken back important" in page.inner_text("[role=status]")
    assert page.input_value("#note") == "They sell it now."
    assert page.locator("#verdict button[aria-current]").count() == 0


def test_two_reviewers_of_one_change_see_both_verdicts(page: Page, own_server: str) -> None:
    open_review(page, own_server)
    late = page.context.new_page()
    late.goto(page.url)
    page.keyboard.press("1")
    page.wait_for_selector("#undo")
    late.fill("#note", "I see nothing in it.")
    late.fill("input[name=reviewer]", "bob")
    late.click("#verdict button.routine")
    said = late.inner_text(".stale")
    assert "Nothing was written" in said
    assert "ann" in said
    assert "important" in said
    assert "routine" in said
    assert late.input_value("#note") == "I see nothing in it."
    late.click("#verdict button.routine")
    late.wait_for_selector("#undo")
    assert "marked routine" in late.inner_text("#undo")


def test_a_moved_paragraph_links_to_where_it_went(page: Page, server: str) -> None:
    page.goto(f"{server}{PLAIN}/diff/1/2")
    gone = page.locator("tr.moved td.old:not(.none)")
    came = page.locator("tr.moved td.new:not(.none)")
    assert gone.count() == came.count() == 1
    assert "Children under thirteen" in gone.inner_text()
    assert "Children under thirteen" in came.inner_text()
    gone.locator("a").click()
    target = page.evaluate("document.querySelector(':target').innerText")
    assert "Children under thirteen" in target
    tops = page.evaluate(
        "[...document.querySelectorAll('.pairs tr')].map(r => [...r.cells].map("
        "c => c.getBoundingClientRect().top)).every(t => t.every(y => y === t[0]))"
    )
    assert tops, "both sides of a row stand on one line, wherever one scrolls"


def test_the_pages_work_without_scripts(browser_without_scripts: Page, own_server: str) -> None:
    page = browser_without_scripts
    page.goto(f"{own_server}/review?site=plain.example")
    page.click("ol.changes a")
    page.click("button.routine")
    assert "marked routine" in page.inner_text("#undo")
    page.click("#undo button")
    assert "took it back" in page.inner_text("section:has(#said)")
    page.click("details.labels summary")
    page.check("text=Data Retention")
    page.fill("details.labels input[name=reviewer]", "ann")
    page.click("text=Put right >> nth=-1")
    assert page.inner_text("details.labels li strong") == "Data Retention"


def test_injections_do_not_run(page: Page, own_server: str) -> None:
    site = f"/site/{quote(HOSTILE, safe='')}"
    paths = ["/", site, f"{site}/version/1", f"{site}/at/2030-01-01", f"{site}/diff/1/2?all=1"]
    paths += [f"{site}/diff/2/3", f"{site}/version/1/raw", "/changes", "/review"]
    for attempt in INJECTIONS:
        asked = quote(attempt, safe="")
        paths += [f"/?q={asked}&after={asked}", f"/search?q={asked}", f"/review?tag={asked}"]
    paths += [f"/site/{asked}", f"/changes?category={asked}", f"/search?q=data&site={asked}"]
    for path in paths:
        page.goto(own_server + path, wait_until="domcontentloaded")
        assert page.evaluate("window.injected") is None, path
        if not path.endswith("/raw"):  # which Chromium puts into a page of its own
            assert page.evaluate(TRACES) == [], path

    page.goto(f"{own_server}/review?site={quote(HOSTILE, safe='')}")
    page.click("ol.changes a")
    page.fill("#note", INJECTIONS[3])
    page.fill("input[name=tags]", INJECTIONS[0][:50])
    page.fill("input[name=reviewer]", INJECTIONS[1])
    page.click("text=Keep the note")
    assert page.locator(".told").inner_text() == INJECTIONS[3]
    assert page.input_value("input[name=reviewer]") == INJECTIONS[1]
    assert page.evaluate("window.injected") is None
    assert page.evaluate(TRACES) == []
