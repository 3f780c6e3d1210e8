"""Series of captures, short enough to be read: letters stand for texts, days for their spacing."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.records import Observation, Verdict, format_timestamp
from tracker.versions.kinds import kind_of_change
from tracker.versions.series import derive

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.versions.records import Derivation

START = datetime(2015, 1, 1, 12, tzinfo=UTC)


def sentence(seed: object, words: int = 14) -> str:
    rng = random.Random(str(seed))
    drawn = ("".join(rng.choices("abcdefghij", k=rng.randint(3, 8))) for _ in range(words))
    return " ".join(drawn).capitalize() + "."


COMMON = [f"{sentence(n)} {sentence(-n - 1)}" for n in range(30)]


def policy(name: str, *extra: str) -> str:
    """A text of thirty paragraphs, of which two are its own."""
    blocks = [*COMMON[:10], sentence(name + "x"), *COMMON[10:20], sentence(name), *COMMON[20:]]
    return "\n\n".join([*blocks[:15], *extra, *blocks[15:]])


def observe(
    texts: Iterable[str],
    *,
    days: float = 1,
    verdicts: Sequence[Verdict] = (),
    languages: Sequence[str] = (),
) -> list[Observation]:
    return [
        Observation(
            snapshot_id=i,
            url="https://a.example/privacy",
            timestamp=format_timestamp(START + timedelta(days=days * i)),
            archive_url="",
            verdict=verdicts[i] if verdicts else Verdict.POLICY,
            markdown=text,
            language=languages[i] if languages else "en",
        )
        for i, text in enumerate(texts)
    ]


def alone(_: Observation) -> tuple[str, ...]:
    return ()


def counts(derivation: Derivation) -> list[int]:
    return [run.captures for run in derivation.runs]


def of_letters(letters: str, *, days: float = 1) -> Derivation:
    return derive(observe(map(policy, letters), days=days), alone)


@pytest.mark.parametrize(
    ("letters", "days", "captures"),
    [
        ("", 1, []),
        ("A", 1, [1]),
        ("AAABBB", 1, [3, 3]),
        ("ABC", 10, [1, 1, 1]),
        ("AAAAABAAAAA", 1, [10]),
        ("A" * 10 + "B" * 10 + "A" * 10, 1, [10, 10, 10]),
        ("A" * 10 + "B" * 10 + "A" * 3, 1, [10, 10]),
        ("AAAABBBAAAA", 14, [4, 3, 4]),
        ("AAABAAA", 14, [6]),
        ("ABAB", 180, [1, 1, 1, 1]),
        ("AAAABABABAAABBABBBBBBBBBBBBBBBBBBBBBB", 1, [15, 22]),
        ("AAAAAAAAXBBBBBBBB", 1, [8, 1, 8]),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_stays_is_a_version(letters: str, days: float, captures: list[int]) -> None:
    assert counts(of_letters(letters, days=days)) == captures


def test_windows_lie_between_the_captures_that_show_the_texts() -> None:
    derivation = of_letters("AAABBB")
    old, new = derivation.runs
    assert (old.number, new.number) == (1, 2)
    assert old.last_seen == START + timedelta(days=2)
    assert new.first_seen == START + timedelta(days=3)
    assert new.observation.markdown == policy("B")
    assert "2 sentences added, such as “" in new.reason
    assert "2 sentences removed, such as “" in new.reason


def test_every_capture_gets_a_decision_with_its_reason() -> None:
    verdicts = [Verdict.POLICY] * 7
    verdicts[2] = Verdict.BLOCKED
    texts = [policy("A"), policy("A"), "", policy("B"), policy("A"), "too short", policy("A")]
    derivation = derive(observe(texts, verdicts=verdicts), alone)
    reasons = [decision.reason for decision in derivation.decisions]
    assert [d.shows for d in derivation.decisions] == [True, True, False, False, True, False, True]
    assert reasons[0] == "the version's text is this capture's"
    assert reasons[1] == "same words"
    assert reasons[2] == "not compared: the capture is blocked"
    assert reasons[3].startswith("variant of version 1: ")
    assert reasons[5].startswith("unusable: 9 characters")


def test_captures_that_are_no_policy_neither_make_nor_end_a_version() -> None:
    texts = [policy("A"), policy("B"), policy("A")]
    verdicts = [Verdict.POLICY, Verdict.ERROR_PAGE, Verdict.POLICY]
    derivation = derive(observe(texts, days=100, verdicts=verdicts), alone)
    assert counts(derivation) == [2]


def test_promotions_that_come_and_go_do_not_hide_or_make_changes() -> None:
    rng = random.Random(7)
    promotions = [sentence(f"promotion {n}") for n in range(5)]
    texts = [
        policy(letter, *(p for p in promotions if rng.random() < 0.3))
        for letter in "A" * 60 + "B" * 60 + "C" * 60
    ]
    derivation = derive(observe(texts), alone)
    assert [run.observation.markdown for run in derivation.runs] == list(map(policy, "ABC"))
    assert derivation.runs[1].first_seen == START + timedelta(days=60)


def test_a_notice_shown_once_is_no_version() -> None:
    texts = [policy("A")] * 3 + [policy("A", sentence("notice"))] + [policy("B")] * 3
    assert counts(derive(observe(texts, days=9), alone)) == [4, 3]


def test_a_sentence_that_stays_is_a_version() -> None:
    texts = [policy("A")] * 3 + [policy("A", sentence("new"))] * 3
    assert counts(derive(observe(texts, days=9), alone)) == [3, 3]


def test_a_clock_is_no_wording_but_a_moved_date_is() -> None:
    clock = [policy("A", f"Generated at {n}.") for n in range(40)]
    assert counts(derive(observe(clock), alone)) == [40]
    dated = [policy("A", f"Last updated: {n} May 2015.") for n in (1, 1, 2, 2)]
    assert counts(derive(observe(dated, days=30), alone)) == [2, 2]


def test_a_block_that_crosses_the_edge_of_the_region_is_no_change() -> None:
    banner = sentence("banner")
    observations = observe([policy("A", banner)] * 4 + [policy("A")] * 4, days=20)

    def surroundings(observation: Observation) -> tuple[str, ...]:
        return () if observation.snapshot_id < 4 else (f"Menu\n{banner}",)

    derivation = derive(observations, surroundings)
    assert counts(derivation) == [8]
    assert "elsewhere on the other page" in derivation.decisions[5].reason
    assert counts(derive(observations, lambda _: (banner,))) == [4, 4]


def test_surroundings_are_asked_only_where_texts_differ() -> None:
    asked: list[int] = []

    def surroundings(observation: Observation) -> tuple[str, ...]:
        asked.append(observation.snapshot_id)
        return ()

    derive(observe(map(policy, "AAAAAABBBBBB")), surroundings)
    assert asked == [5, 6]


def test_formatting_is_no_version() -> None:
    text = policy("A")
    dressed = "\n".join(f"- {line}" for line in text.upper().split("\n") if line)
    derivation = derive(observe([text] * 3 + [dressed] * 3, days=20), alone)
    assert counts(derivation) == [6]


def test_an_order_that_changed_for_good_is_a_version() -> None:
    blocks = policy("A").split("\n\n")
    moved = "\n\n".join([*blocks[5:], *blocks[:5]])
    derivation = derive(observe([policy("A")] * 4 + [moved] * 4, days=20), alone)
    assert counts(derivation) == [4, 4]
    assert "order" in derivation.runs[1].reason


def test_a_page_in_another_language_is_a_variant_until_it_stays() -> None:
    english = policy("A")
    french = "\n\n".join(sentence(f"fr {n}") for n in range(30))
    visit = derive(
        observe([english, english, french, english], days=180, languages=["en", "en", "fr", "en"]),
        alone,
    )
    assert counts(visit) == [3]
    assert "served in fr" in visit.decisions[2].reason
    stays = derive(
        observe([english] * 3 + [french] * 3, days=60, languages=["en"] * 3 + ["fr"] * 3), alone
    )
    assert counts(stays) == [3, 3]


def test_a_short_policy_is_read_and_a_stub_is_not() -> None:
    short = observe(["We keep nothing about you.", "We keep nothing at all of you."], days=200)
    assert counts(derive(short, alone)) == [1, 1]
    stub = sentence("stub", 40)
    with_stub = observe([policy("A")] * 5 + [stub] + [policy("A")] * 5, days=30)
    assert counts(derive(with_stub, alone)) == [10]
    # A policy cut down for good is one, once it has stood for two months.
    cut = observe([policy("A")] * 5 + [stub + stub + stub] * 4, days=30)
    assert counts(derive(cut, alone)) == [5, 4]


def test_a_full_page_of_something_else_between_two_versions_is_left_out() -> None:
    other = "\n\n".join(sentence(f"other {n}") for n in range(60))
    texts = [policy("A")] * 10 + [other] + [policy("B")] * 10
    derivation = derive(observe(texts), alone)
    assert counts(derivation) == [10, 10]
    assert "missing and return" in derivation.decisions[10].reason


@given(st.text(alphabet="ABC", max_size=12), st.sampled_from([1, 10, 100]), st.randoms())
def test_the_order_of_arrival_does_not_matter(letters: str, days: int, rng: random.Random) -> None:
    observations = observe(map(policy, letters), days=days)
    shuffled = list(observations)
    rng.shuffle(shuffled)
    derivation = derive(observations, alone)
    assert derive(shuffled, alone) == derivation
    assert [d.observation for d in derivation.decisions] == observations
    seen = [(run.first_seen, run.last_seen) for run in derivation.runs]
    assert all(a[1] < b[0] for a, b in pairwise(seen))
    shown = [o for run in derivation.runs for o in run.observations]
    assert shown == [d.observation for d in derivation.decisions if d.shows]


def test_five_thousand_flickering_captures_are_one_version_in_seconds() -> None:
    rng = random.Random(3)
    texts = [policy(rng.choice("AB"), f"{rng.randint(1, 10**9)} visitors.") for _ in range(5000)]
    began = time.process_time()
    derivation = derive(observe(texts, days=0.3), alone)
    assert len(derivation.runs) == 1
    assert time.process_time() - began < 30


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("## A\n\nWe share.", "# a\n\n- We share", "formatting"),
        ("One.\n\nTwo.", "Two.\n\nOne.", "order"),
        ("Updated: 1 May 2015\n\nText.", "Updated: June 2, 2016\n\nText.", "date"),
        ("## Sharing\n\nText.", "## Disclosure\n\nText.", "heading"),
        ("Kept for 30 days.", "Kept for 60 days.", "wording"),
        ("Updated: 1 May 2015\n\nText.", "Updated: 2 May 2015\n\nNew text.", "wording"),
    ],
)
def test_kinds_of_change(old: str, new: str, kind: str) -> None:
    assert kind_of_change(old, new) == kind


@pytest.mark.parametrize(
    ("old", "new", "versions"),
    [
        ("# Privacy Policy", "# A Example", 1),
        ("# A Example Privacy Policy", "# Privacy Policy", 1),
        ("", "# Datenschutzerklärung", 1),
        ("# Privacy Policy", "# Privacy Notice", 2),
        ("", "# Sale of your data", 2),
    ],
)
def test_a_title_that_names_site_or_document_makes_no_version(
    old: str, new: str, versions: int
) -> None:
    texts = ["\n\n".join(filter(None, [title, *COMMON])) for title in (old, new)]
    captures = [
        replace(capture, url="https://www.aexample.com/privacy")
        for capture in observe(texts, days=400)
    ]
    assert len(derive(captures, lambda _: ()).runs) == versions


def test_the_capture_whose_text_is_the_version_s_says_so() -> None:
    promotion = sentence("promotion")
    titles = ["# Privacy Policy"] + ["# A Example"] * 8
    texts = [
        "\n\n".join(
            [title, *COMMON[:15], *([promotion] if place in {0, 2, 4} else []), *COMMON[15:]]
        )
        for place, title in enumerate(titles)
    ]
    captures = [
        replace(capture, url="https://www.aexample.com/privacy")
        for capture in observe(texts, days=60)
    ]
    derivation = derive(captures, alone)
    [run] = derivation.runs
    [chosen] = [d for d in derivation.decisions if d.observation == run.observation]
    assert chosen.reason == "the version's text is this capture's"


def test_a_promotion_that_once_stood_for_weeks_is_none_of_the_policy() -> None:
    promotion = sentence("promotion")
    shown = {3, 8, 14, 15, 16}
    texts = [
        policy("A" if place < 9 else "B", *([promotion] if place in shown else []))
        for place in range(24)
    ]
    assert counts(derive(observe(texts, days=14), alone)) == [9, 15]


def test_a_promotion_seen_once_beside_an_edit_is_none_of_the_policy() -> None:
    promotion = sentence("promotion")
    texts = [policy("A")] * 3 + [policy("A", promotion)] + [policy("B")] * 4
    assert counts(derive(observe(texts, days=8), alone)) == [4, 4]
    came_with_it = [policy("A")] * 4 + [policy("B", promotion)] + [policy("B")] * 3
    assert counts(derive(observe(came_with_it, days=8), alone)) == [4, 4]


def test_a_sentence_reworded_within_days_is_an_edit_each_time() -> None:
    texts = [
        *[policy("A")] * 3,
        policy("A", "We may share what you tell us with our partners."),
        *[policy("A", "We may share what you tell us with our partners for ads.")] * 4,
    ]
    assert counts(derive(observe(texts, days=8), alone)) == [3, 1, 4]


def test_a_greeting_in_two_wordings_by_a_coin_is_no_version() -> None:
    rng = random.Random(11)
    greetings = [sentence("welcome"), sentence("hello")]
    texts = [policy(letter, rng.choice(greetings)) for letter in "A" * 20 + "B" * 20]
    assert counts(derive(observe(texts, days=8), alone)) == [20, 20]


def test_reason_quotes_both_sentences_from_where_they_part() -> None:
    begin = "If you give us your name on a service like"
    texts = [
        policy(
            "A",
            f"{begin} [Pond](https://pond.example) and [Brook](https://brook.example), we keep it.",
        ),
        policy("A", f"{begin} [Pond](https://pond.example), we keep it."),
    ]
    reason = derive(observe([texts[0]] * 3 + [texts[1]] * 3, days=30), alone).runs[1].reason
    assert reason == (
        "against version 1: 1 sentence added: “… on a service like Pond, we keep it”; "
        "1 sentence removed: “… on a service like Pond and Brook, we keep it”"
    )


def test_reason_tells_a_table_of_contents_from_new_words() -> None:
    headings = [f"## {sentence(n, 6)}" for n in range(6)]
    contents = [heading.replace("##", "-") for heading in headings]
    plain, listed = policy("A", *headings), policy("A", *contents, *headings)
    reason = derive(observe([plain] * 3 + [listed] * 3, days=30), alone).runs[1].reason
    assert "6 sentences added" in reason
    assert reason.endswith("(all stand elsewhere in the text too, as in a table of contents)")
