"""The reading grade: its syllables, its sentences, and the formula beside another program's."""

from __future__ import annotations

import pytest

from tracker.readability import reading_grade, syllables
from tracker.segment import segment

# As CMU's Pronouncing Dictionary divides them.
DIVIDED = [
    "a",
    "be-ing",
    "the",
    "use",
    "used",
    "us-er",
    "us-es",
    "wan-ted",
    "a-ges",
    "ser-vi-ces",
    "pol-i-cy",
    "pol-i-cies",
    "in-for-ma-tion",
    "par-ty",
    "shared",
    "com-plete-ly",
    "state-ment",
    "man-age-ment",
    "busi-ness",
    "safe-ty",
    "there-fore",
    "some-times",
    "au-di-ence",
    "var-i-ous",
    "vi-o-la-tion",
    "pe-ri-od",
    "me-di-a",
    "cre-ate",
    "ac-tu-al",
    "man-u-al",
    "i-den-ti-fi-ers",
    "eu-ro-pe-an",
    "an-y-one",
    "em-ploy-er",
    "spe-cif-i-cally",
    "mech-a-nis-ms",
    "so-cial",
    "friend",
    "cli-ent",
    "peo-ple",
]

# With the grade that textstat 0.7.13 gives them, its syllables looked up in that dictionary.
PASSAGES = {
    """We collect information that you give to us. This includes your name, your address and
    your telephone number. We keep it for as long as you have an account. When you close the
    account, we delete everything within thirty days. Some records must be kept for longer because
    the law requires it. We never sell personal information. We share it only with companies that
    help us to run the service. They may not use it for anything else. You can ask us for a copy at
    any time. You can also ask us to correct mistakes. If you are not happy with our answer, you
    can complain to the authority in your country. We will tell you when this
    policy changes.""": 4.92,
    """The processing of personal data is necessary for the purposes of the legitimate interests
    pursued by the controller, except where such interests are overridden by the fundamental rights
    and freedoms of the individual. Categories of recipients include affiliated organizations,
    advertising networks, analytics providers and governmental authorities. International transfers
    are subject to appropriate contractual safeguards, notwithstanding any limitation imposed by
    applicable legislation. Automatically collected identifiers may subsequently be associated
    with demographic characteristics in order to facilitate personalized communications. The
    retention period is determined by statutory obligations and by operational considerations.
    Withdrawal of authorization does not affect the lawfulness of previous processing activities.
    Additional information regarding supervisory authorities is available upon written
    application.""": 21.64,
}


@pytest.mark.parametrize("word", DIVIDED)
def test_syllables(word: str) -> None:
    assert syllables(word.replace("-", "")) == word.count("-") + 1


def test_a_hyphenated_word_and_an_abbreviation_are_said_piece_by_piece() -> None:
    assert (syllables("third-party"), syllables("http"), syllables("don't")) == (3, 4, 1)


@pytest.mark.parametrize(("text", "grade"), PASSAGES.items())
def test_prose_has_the_grade_that_textstat_gives_it(text: str, grade: float) -> None:
    assert reading_grade(segment(" ".join(text.split()))) == pytest.approx(grade, abs=0.3)


def test_lists_go_on_with_their_sentence_and_headings_and_tables_are_no_prose() -> None:
    words = " ".join(["word"] * 40)
    listed = f"We collect:\n\n- {words},\n- {words}; and\n- {words}.\n\n{words}.\n"
    joined = f"We collect {words}, {words} and {words}.\n\n{words}.\n"
    plain = reading_grade(segment(listed))
    assert plain == pytest.approx(reading_grade(segment(joined)), abs=0.2)
    beside = f"# Extraordinarily international\n\n{listed}\n| a | b |\n| --- | --- |\n| c | d |\n"
    assert reading_grade(segment(beside)) == plain


def test_abbreviations_and_addresses_end_no_sentence_and_count_no_word() -> None:
    words = " ".join(["word"] * 60)
    plain = f"Ask Mr Smith of Example Inc about it {words}. Then {words}."
    marked = (
        f"Ask Mr. Smith of Example Inc. About it {words}. Then {words} https://a.example/ you@b.c."
    )
    assert reading_grade(segment(marked)) == reading_grade(segment(plain))


def test_a_short_text_has_no_grade() -> None:
    assert reading_grade(segment("We respect your privacy.")) is None
    assert reading_grade(segment("")) is None
