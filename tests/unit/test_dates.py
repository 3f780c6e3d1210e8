from __future__ import annotations

from datetime import date

import pytest

from tracker.dates import silent, stated_date, stated_dates

BODY = "\n\n".join(f"Paragraph {n} about what we collect and why." for n in range(30))


def day(markdown: str, language: str | None = None) -> str | None:
    stated = stated_date(markdown, language)
    return stated.day.isoformat() if stated else None


@pytest.mark.parametrize(
    ("line", "language", "expected"),
    [
        ("Last updated: 12 May 2015", "en", "2015-05-12"),
        ("Effective Date: May 12th, 2015", "en", "2015-05-12"),
        ("This policy was last revised on 2015-05-12.", "en", "2015-05-12"),
        ("Last Revised: December, 9 2022.", "en", "2022-12-09"),
        ("Version 4.1 of 12/31/2015", "en", "2015-12-31"),
        ("Updated 31.12.15", "en", "2015-12-31"),
        ("Dated: August 7, 2019", "en", "2019-08-07"),
        ("In force since 1st of June, 2020", "en", "2020-06-01"),
        ("Last updated: November 2019", "en", "2019-11-01"),
        ("Stand: 12. Mai 2015", "de", "2015-05-12"),
        ("Zuletzt aktualisiert am 03.04.2021", "de", "2021-04-03"),
        ("Diese Datenschutzerklärung gilt ab dem 1. März 2022.", "de", "2022-03-01"),
        ("Dernière mise à jour : 20/08/2026", "fr", "2026-08-20"),
        ("Version en vigueur au 1er février 2023", "fr", "2023-02-01"),
        ("Dernière mise à jour : mai 2015", "fr", "2015-05-01"),
        ("Última actualización: 3 de julio de 2020", "es", "2020-07-03"),
        ("En vigor desde el 25/05/2018", "es", "2018-05-25"),
        ("Ultimo aggiornamento: 4 marzo 2021", "it", "2021-03-04"),
        ("La presente informativa è in vigore dal 10/02/2021.", "it", "2021-02-10"),
        ("Laatst bijgewerkt op 5 oktober 2019", "nl", "2019-10-05"),
        ("Deze verklaring is van kracht vanaf 01-02-2020", "nl", "2020-02-01"),
        ("Última atualização: 7 de março de 2022", "pt", "2022-03-07"),
        ("Em vigor a partir de 25/12/2021", "pt", "2021-12-25"),
        ("最終更新日：2023年5月12日", "ja", "2023-05-12"),
        ("Последнее обновление: 12 мая 2023 г.", "ru", "2023-05-12"),
        ("Дата вступления в силу: 01.02.2022", "ru", "2022-02-01"),
        ("Останнє оновлення: 3 серпня 2021 року", "uk", "2021-08-03"),
        ("Son güncelleme tarihi: 5 Ağustos 2022", "tr", "2022-08-05"),
        ("SON GÜNCELLEME: 5 MAYIS 2022", "tr", "2022-05-05"),
        ("Utolsó frissítés: 2024. január 15.", "hu", "2024-01-15"),
        ("Ultima actualizare: 7 martie 2021", "ro", "2021-03-07"),
        ("Τελευταία ενημέρωση: 4 Ιουνίου 2020", "el", "2020-06-04"),
        ("Posledná aktualizácia: 9. októbra 2023", "sk", "2023-10-09"),
        ("Darrera actualització: 2 d'octubre de 2022", "ca", "2022-10-02"),
        ("Ostatnia aktualizacja: listopad 2022", "pl", "2022-11-01"),
        ("Updated 02/25, 2025 by the privacy team", "en", "2025-02-25"),
        ("Mise à jour : 05/12/2023", "en", "2023-12-05"),
    ],
)
def test_statements_in_many_words(line: str, language: str, expected: str) -> None:
    assert day(f"# Policy\n\n{line}\n\n{BODY}", language) == expected
    assert day(f"# Policy\n\n{BODY}\n\n*{line}*", language) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Effective January 1, 2020, the California Consumer Privacy Act gives you rights.",
        "On 25 May 2018 the GDPR came into effect, and we welcome it.",
        "© 2015 Example Ltd. All rights reserved.",
        "Previous version: 10 December 2019",
        "The version in force until 31 December 2019 is here.",
        "We act under Regulation (EU) 2016/679 of 27 April 2016.",
        "Your verification code is valid for 30 minutes.",
        "Call us at 09-11.00 or 077-045 70 00, or write to 12/34 High Street.",
        "As of June 2024, creators are able to offer paid access to their channels.",
        "Last updated: 31.02.2015",
        "",
    ],
)
def test_other_dates_are_not_the_policys(line: str) -> None:
    assert day(f"# Policy\n\n{BODY}\n\n{line}\n\n{BODY}") is None


def test_last_updated_counts_before_effective_and_the_top_before_the_middle() -> None:
    top = "Effective: September 29, 2025\n\nLast updated: August 29, 2025"
    assert day(f"# Policy\n\n{top}\n\n{BODY}") == "2025-08-29"
    addendum = f"Effective: 1 May 2020\n\n{BODY}\n\n## Addendum\n\nLast updated: 3 June 2019"
    assert day(f"# Policy\n\n{addendum}\n\n{BODY}") == "2020-05-01"
    found = stated_dates(f"# Policy\n\n{top}\n\n{BODY}", "en")
    assert [s.kind for s in found] == ["effective", "last updated"]
    assert found[1].quote == "Last updated: August 29, 2025"


def test_a_cue_above_a_date_and_a_date_alone() -> None:
    assert day(f"# Policy\n\nEffective Date\n\nFebruary 1, 2020\n\n{BODY}") == "2020-02-01"
    assert day(f"May 9, 2023\n\n## Our commitment\n\n{BODY}") == "2023-05-09"
    assert day(f"# Policy\n\n{BODY}\n\nMay 9, 2023\n\n{BODY}") is None


def test_the_newest_entry_of_a_change_log_counts() -> None:
    log = (
        "## Change log\n\n- April 22, 2024: removed.\n- October 31, 2025: added.\n- May 1, 2023: x."
    )
    assert day(f"# Policy\n\n{BODY}\n\n{log}\n\n## Contact\n\n{BODY}") == "2025-10-31"


def test_an_ambiguous_date_is_resolved_or_left_open() -> None:
    text = "# Policy\n\nLast updated: 03/04/2015"
    assert day(text) is None
    assert day(text, "en") is None
    assert day(text, "fr") == "2015-04-03"
    assert day(f"{text}\n\nEffective: 25/12/2014", "en") == "2015-04-03"
    assert day(f"{text}\n\nEffective: 12/25/2014", "en") == "2015-03-04"
    known = stated_date(text, "en", others=[date(2015, 3, 4)])
    assert known is not None
    assert known.day == date(2015, 3, 4)
    late = stated_date("Last updated: 02/11/2015", "en", seen=date(2015, 3, 1))
    assert late is not None
    assert late.day == date(2015, 2, 11)
    assert day("Last updated: 05/05/15", "en") == "2015-05-05"


def test_a_month_alone_says_so() -> None:
    stated = stated_date("Last updated: 04 - 2021.", "en")
    assert stated is not None
    assert (stated.day, stated.kind) == (date(2021, 4, 1), "last updated (month)")


def test_silent_needs_a_date_on_both_sides_that_stood_still() -> None:
    may, june = date(2015, 5, 12), date(2015, 6, 12)
    assert silent(may, may)
    assert not silent(may, june)
    assert not silent(None, may)
    assert not silent(may, None)
    assert not silent(None, None)


def test_newest_row_of_a_log_without_a_heading_counts() -> None:
    rows = "\n".join(f"| 2.{n} | Document updated | 2{n}.6.202{n} |" for n in range(1, 6))
    text = f"# Policy\n\n{BODY}\n\nThis policy was published on 2 May 2019.\n\n{rows}"
    assert day(text, "en") == "2025-06-25"


def test_date_of_a_detail_is_not_the_policys() -> None:
    text = f"# Policy\n\n{BODY}\n\n- Export and download your data (incomplete as of 8 June 2018)"
    assert day(f"{text}\n\n{BODY}", "en") is None


def test_date_alone_below_a_long_opening_counts() -> None:
    opening = "\n\n".join(f"What we do, part {n}." for n in range(8))
    assert day(f"# Policy\n\n{opening}\n\n21 April 2026\n\n{BODY}", "en") == "2026-04-21"


@pytest.mark.parametrize("month", ["Aprıl", "AUGUſT", "MAYIS", "İYUN"])
def test_month_in_letters_that_only_look_alike_breaks_nothing(month: str) -> None:
    stated_dates(f"Last updated: 5 {month} 2024")
