"""Verdicts on pages in our own words."""

from __future__ import annotations

import pytest

from crawler.screening import screen
from storage.records import Document, Verdict

POLICY = (
    """# Privacy policy

We collect your name and e-mail address. We share personal data with third parties only by consent.
"""
    + "We keep personal information as long as your account is open, and delete it on request. " * 6
)

GERMAN = (
    """# Datenschutzerklärung

Verantwortlich für die Verarbeitung Ihrer Daten ist die Beispiel GmbH.
"""
    + "Personenbezogene Daten verarbeiten wir nur mit Ihrer Einwilligung. " * 8
)

TERMS = (
    """# Terms of service

These terms are an agreement. Our liability is limited; the governing law is that of Norway.
"""
    + "We may terminate your license if you infringe copyright. Fees are not refunded. " * 6
)


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        (POLICY, 200, Verdict.POLICY),
        (GERMAN, 200, Verdict.POLICY),
        (
            "# Persónuvernd\n\n" + "Við söfnum ekki neinum gögnum um þig á þessum vef. " * 12,
            200,
            Verdict.POLICY,
        ),
        (TERMS, 200, Verdict.NOT_POLICY),
        (f"{TERMS}\n\n# Privacy policy\n\n{POLICY * 5}", 200, Verdict.POLICY),
        ("# Page not found\n\nThe page you look for has moved.", 200, Verdict.ERROR_PAGE),
        ("# Seite nicht gefunden", 200, Verdict.ERROR_PAGE),
        ("Checking your browser before you proceed.", 200, Verdict.BLOCKED),
        ("# Access denied", 403, Verdict.BLOCKED),
        ("Request unsuccessful. Incapsula incident ID: 12-34", 200, Verdict.BLOCKED),
        ("Bitte bestätigen Sie, dass Sie kein Roboter sind.", 200, Verdict.BLOCKED),
        ("Vérifiez que vous êtes humain avant de continuer.", 200, Verdict.BLOCKED),
        ("Verifica que eres humano completando la acción.", 200, Verdict.BLOCKED),
        ("# Oups\n\nLa page recherchée est introuvable.", 200, Verdict.ERROR_PAGE),
        ("# Errore\n\nLa pagina richiesta non esiste.", 200, Verdict.ERROR_PAGE),
        ("# Ojej\n\nNie możemy znaleźć strony.", 200, Verdict.ERROR_PAGE),
        ("Wir führen gerade Wartungsarbeiten durch.", 200, Verdict.ERROR_PAGE),
        ("This domain may be for sale. Inquire now.", 200, Verdict.ERROR_PAGE),
        ("You need to enable JavaScript to run this app.", 200, Verdict.EMPTY),
        ("", 200, Verdict.EMPTY),
        ("Loading", 200, Verdict.EMPTY),
        (POLICY, 302, Verdict.REDIRECT),
        (POLICY, 500, Verdict.ERROR_PAGE),
    ],
)
def test_verdict(text: str, status: int, expected: Verdict) -> None:
    language = "is" if "Persónuvernd" in text else None
    found = screen(Document(markdown=text, language=language), status=status)
    assert found.verdict is expected, found
    assert 0 <= found.policy_score <= 1
    assert found.reason


def test_no_document_is_empty() -> None:
    assert screen(None).verdict is Verdict.EMPTY


COOKIE_POLICIES = {
    "Cookie policy": (
        "This cookie policy explains how Ferncastle Ltd uses cookies on its website. A cookie is a "
        "small file. First-party cookies are set by us, third-party cookies by others; some of "
        "your information goes to third parties. You can opt out of advertising cookies or delete "
        "cookies in your browser. For more on your personal data see our privacy policy. "
    ),
    "Cookie-Richtlinie": (
        "Diese Website verwendet Cookies. Cookies sind kleine Dateien auf Ihrem Gerät. Statistik-"
        "Cookies setzen wir nur mit Ihrer Einwilligung ein. Sie können Cookies im Browser löschen. "
        "Mehr zu personenbezogenen Daten steht in der Datenschutzerklärung. "
    ),
    "Politique relative aux cookies": (
        "Notre site dépose des cookies sur votre terminal. Un cookie est un petit fichier. Les "
        "cookies publicitaires ne sont déposés qu'avec votre consentement. Vous pouvez refuser les "
        "cookies. Pour vos données personnelles, voyez notre politique de confidentialité. "
    ),
    "Informativa sui cookie": (
        "Questo sito usa cookie tecnici e cookie di terze parti. Un cookie è un piccolo file. I "
        "cookie analitici contano le visite. Puoi cancellare i cookie dal browser. Per i dati "
        "personali leggi la privacy policy. "
    ),
    "Evästekäytäntö": (
        "Sivustomme käyttää evästeitä. Eväste on pieni tiedosto, joka tallennetaan laitteellesi. "
        "Voit poistaa evästeet selaimestasi. Henkilötietojen käsittelystä kerrotaan "
        "tietosuojaselosteessa. "
    ),
    "クッキーポリシー": (
        "当サイトはクッキーを使用します。クッキーとは端末に保存される小さなファイルです。"
        "広告用クッキーは広告を表示します。ブラウザの設定でクッキーを削除できます。"
        "個人情報についてはプライバシーポリシーをご覧ください。"
    ),
}


@pytest.mark.parametrize("name", COOKIE_POLICIES)
def test_cookie_policy_at_the_policys_address_is_none(name: str) -> None:
    text = f"# {name}\n\n" + COOKIE_POLICIES[name] * 6
    found = screen(Document(markdown=text, title=name), url="https://a.example/privacy")
    assert found.verdict is Verdict.NOT_POLICY, found


def test_policy_below_a_cookie_heading_stays_one() -> None:
    text = "## Cookies\n\nThis site uses cookies.\n\n" + POLICY * 3
    found = screen(Document(markdown=text, title="Cookies"), url="https://a.example/legal")
    assert found.verdict is Verdict.POLICY, found


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        (
            "Welcome back",
            (
                "Password. Remember me on this device. Forgotten your password? We help. New "
                "here? Create an account in a minute. By going on you accept our privacy notice. "
            ),
        ),
        (
            "Anmelden",
            (
                "Passwort. Angemeldet bleiben. Passwort vergessen? Wir schicken einen Link. Neu "
                "hier? Legen Sie ein Konto an. Es gelten die Hinweise zum Datenschutz. "
            ),
        ),
        (
            "Connexion",
            (
                "Mot de passe oublié ? Nouveau ici ? Créez un compte en une "
                "minute. En continuant vous acceptez nos règles de confidentialité. "
            ),
        ),
    ],
)
def test_login_page_that_names_privacy_is_no_policy(heading: str, text: str) -> None:
    filler = "Our support answers on weekdays from nine to five, by telephone or by chat. " * 5
    found = screen(
        Document(markdown=f"# {heading}\n\n{text}{filler}"), url="https://a.example/privacy"
    )
    assert found.verdict is Verdict.NOT_POLICY, found


def test_short_policy_in_a_dense_script_is_one() -> None:
    text = (
        "プライバシーポリシー\n\n当店は、お客様の個人情報を大切に取り扱います。ご注文の商品を発送するために"
        "お名前を利用します。法令に基づく場合を除き、お客様の同意なく個人情報を第三者に提供いたし"
        "ません。個人情報の開示、訂正、削除をご希望の方は、下記のお問い合わせ窓口までご連絡ください。"
        "このポリシーは予告なく変更することがあります。変更後の内容は本ページに掲載します。"
    )
    assert screen(Document(markdown=text, language="ja")).verdict is Verdict.POLICY
