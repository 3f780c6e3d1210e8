"""Home pages of different styles and languages: which link is the policy, which are not."""

from __future__ import annotations

import time

import pytest

from crawler.link_ranking import Ranking, rank, telling, text_score, url_score
from crawler.links import decode, page_links

HOMES = {
    "footer of a 1990s page": (
        "acme.example",
        """<HTML><BODY><CENTER><IMG SRC=logo.gif><P>Welcome!
        <A HREF=products.htm>Products</A> <A HREF="http://www.yahoo.com/">Yahoo</A>
        <HR><FONT SIZE=1><A HREF="legal/privacy.htm">Privacy</A> |
        <A HREF=copyright.htm>Copyright</A> &copy; 1998 Acme Inc. All rights reserved</FONT>""",
        "http://acme.example/legal/privacy.htm",
    ),
    "German shop, data protection beside imprint and terms": (
        "laden.example",
        """<footer><ul><li><a href="/impressum">Impressum</a><li><a href="/agb">AGB</a>
        <li><a href="/cookie-einstellungen">Datenschutz-Einstellungen</a>
        <li><a href="/datenschutz">Datenschutzerklärung</a><li><a href="/widerruf">Widerruf</a></ul>
        </footer>""",
        "http://laden.example/datenschutz",
    ),
    "French institution, the policy under an opaque address": (
        "mairie.example",
        """<div id="pied"><a href="/mentions-legales">Mentions légales</a>
        <a href="/node/4312">Protection des données personnelles</a>
        <a href="/plan-du-site">Plan du site</a> <a href="#" onclick="cc()">Gestion des cookies</a>
        </div>""",
        "http://mairie.example/node/4312",
    ),
    "Spanish paper, notice beside cookie policy": (
        "diario.example",
        """<footer><a href="/aviso-legal/">Aviso legal</a>
        <a href="/politica-de-cookies/">Política de cookies</a>
        <a href="/politica-de-privacidad/">Política de privacidad</a>
        <a href="/privacidad/configuracion">Configurar privacidad</a></footer>""",
        "http://diario.example/politica-de-privacidad/",
    ),
    "Brazilian bank, short form": (
        "banco.example",
        """<nav><a href="/contas">Contas</a></nav><p><a href="/seguranca">Segurança</a>
        <a href="https://banco.example/lgpd">Privacidade</a></p>""",
        "https://banco.example/lgpd",
    ),
    "Italian site with the informativa": (
        "negozio.example",
        """<footer>P.IVA 0123 - <a href="/privacy.php">Informativa sulla privacy</a> -
        <a href="/cookie.php">Cookie Policy</a></footer>""",
        "http://negozio.example/privacy.php",
    ),
    "Dutch site": (
        "winkel.example",
        """<ul class="footer-links"><li><a href="/av">Algemene voorwaarden</a></li>
        <li><a href="/privacyverklaring">Privacyverklaring</a></li></ul>""",
        "http://winkel.example/privacyverklaring",
    ),
    "Swedish site": (
        "butik.example",
        """<footer><a href="/om-oss/kakor">Om kakor</a>
        <a href="/om-oss/personuppgifter">Integritetspolicy</a></footer>""",
        "http://butik.example/om-oss/personuppgifter",
    ),
    "Polish site": (
        "sklep.example",
        """<div class=stopka><a href="/regulamin">Regulamin</a>
        <a href="/polityka-prywatnosci">Polityka prywatności</a></div>""",
        "http://sklep.example/polityka-prywatnosci",
    ),
    "Russian site": (
        "magazin.example",
        """<footer><a href="/rules">Пользовательское соглашение</a>
        <a href="/confidential">Политика конфиденциальности</a></footer>""",
        "http://magazin.example/confidential",
    ),
    "Japanese site": (
        "kaisha.example",
        """<ul id="footNavi"><li><a href="/sitemap.html">サイトマップ</a></li>
        <li><a href="/kojin.html">個人情報保護方針</a></li>
        <li><a href="/kiyaku.html">利用規約</a></li></ul>""",
        "http://kaisha.example/kojin.html",
    ),
    "Chinese site": (
        "gongsi.example",
        """<div class="footer"><a href="/about">关于我们</a><a href="/law">法律声明</a>
        <a href="/yszc">隐私政策</a></div>""",
        "http://gongsi.example/yszc",
    ),
    "Korean site": (
        "hoesa.example",
        """<div id=footer><a href="/terms">이용약관</a>
        <a href="/policy/p"><strong>개인정보처리방침</strong></a></div>""",
        "http://hoesa.example/policy/p",
    ),
    "Arabic site": (
        "sharika.example",
        """<footer dir=rtl><a href="/t">الشروط والأحكام</a>
        <a href="/p">سياسة الخصوصية</a></footer>""",
        "http://sharika.example/p",
    ),
    "Turkish site": (
        "sirket.example",
        """<footer><a href="/cerez">Çerez Politikası</a>
        <a href="/gizlilik">GİZLİLİK POLİTİKASI</a></footer>""",
        "http://sirket.example/gizlilik",
    ),
    "a notice of reCAPTCHA beside the site's own": (
        "forms.example",
        """<p>This site is protected by reCAPTCHA and the Google
        <a href="https://policies.google.com/privacy">Privacy Policy</a> and
        <a href="https://policies.google.com/terms">Terms of Service</a> apply.</p>
        <footer><a href="/pp">Privacy</a></footer>""",
        "http://forms.example/pp",
    ),
    "choices, forms, a centre and a variant beside the policy": (
        "retail.example",
        """<footer><a href="/privacy-choices">Your Privacy Choices</a>
        <a href="/do-not-sell">Do Not Sell My Personal Information</a>
        <a href="/privacy/california">California Privacy Notice</a>
        <a href="/privacy/request">Privacy request</a>
        <a href="/privacy/notice">Privacy Notice</a>
        <a href="/childrens-privacy">Children's Privacy Policy</a></footer>""",
        "http://retail.example/privacy/notice",
    ),
    "an image for a link, under a base address": (
        "shop.example",
        """<head><base href="https://www.shop.example/store/"></head>
        <a href="info/privacy.aspx"><img src=p.gif alt="Privacy Statement"></a>""",
        "https://www.shop.example/store/info/privacy.aspx",
    ),
    "headlines about privacy above the policy": (
        "press.example",
        """<h2><a href="/2019/05/privacy-law-explained">What the privacy law means for you</a></h2>
        <h2><a href="/news/privacy-policy-scandal">Privacy policy scandal shakes firm</a></h2>
        <a href="/topics/privacy">Privacy</a>
        <footer><a href="/help/privacy-policy">Privacy policy</a></footer>""",
        "http://press.example/help/privacy-policy",
    ),
    "a parent company's policy in the footer": (
        "brand.example",
        """<footer><ul><li><a href="https://www.holding.example/privacy">Privacy policy</a></li>
        <li><a href="https://www.holding.example/terms">Terms of use</a></li></ul></footer>""",
        "https://www.holding.example/privacy",
    ),
    "a file of another kind and tracking parameters": (
        "app.example",
        """<a href="/assets/privacy-policy.js">x</a><a href="mailto:privacy@app.example">Privacy</a>
        <a href="javascript:open('privacy')">Privacy policy</a>
        <a href="//app.example/privacy?utm_source=home#top">Privacy policy</a>""",
        "http://app.example/privacy",
    ),
    "two languages at once": (
        "swiss.example",
        """<nav><a href="/de">DE</a> <a href="/fr">FR</a></nav>
        <footer>Rechtliches: <a href="/de/datenschutz">Datenschutz</a></footer>""",
        "http://swiss.example/de/datenschutz",
    ),
}
HUBS = {
    "legal only": ("a.example", """<footer><a href="/legal">Legal</a></footer>"""),
    "terms and privacy on one page": (
        "b.example",
        """<footer><a href="/legal">Terms & Privacy</a></footer>""",
    ),
    "a German footer": ("c.example", """<footer><a href="/legal">Rechtliches</a></footer>"""),
    "policies, with a headline": (
        "d.example",
        """<a href="/blog/privacy-first">Why we put privacy first</a>
        <a href="/legal">Policies</a>""",
    ),
    "a privacy centre": ("e.example", """<footer><a href="/legal">Privacy Center</a></footer>"""),
}


def ranked(html: str, site: str) -> Ranking:
    url = f"http://{site}/"
    return rank(page_links(html.encode(), url, telling=telling), url, site)


@pytest.mark.parametrize(("site", "html", "policy"), HOMES.values(), ids=HOMES)
def test_the_policy_link_of_a_home_page_is_found(site: str, html: str, policy: str) -> None:
    found = ranked(html, site).policy
    assert found is not None
    assert found.link.url == policy


@pytest.mark.parametrize(("site", "html"), HUBS.values(), ids=HUBS)
def test_a_legal_page_is_where_to_look_next(site: str, html: str) -> None:
    ranking = ranked(html, site)
    assert ranking.policy is None
    assert [hub.link.url for hub in ranking.hubs] == [f"http://{site}/legal"]


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<div id=root></div><script>render()</script>",
        '<p>When signing up you accept <a href="https://pay.example/p">Pay\'s privacy policy</a>.',
        '<a href="/cookies">Cookie policy</a><a href="/terms">Terms of service</a>',
        '<a href="/blog/2021/privacy">Our thoughts on privacy in 2021</a>',
        '<a href="/account/privacy-settings">Privacy settings</a>',
        '<footer><a href="#" onclick="modal()">Privacy policy</a> <a href="/">Privacy</a></footer>',
    ],
)
def test_a_page_without_the_policy_gives_none(html: str) -> None:
    assert ranked(html, "site.example").policy is None


def test_what_was_refused_says_why() -> None:
    _, html, policy = HOMES["choices, forms, a centre and a variant beside the policy"]
    refused = {r.link.url.rpartition("/")[2]: r.why for r in ranked(html, "retail.example").refused}
    assert "a form" in refused["privacy-choices"]
    assert "some readers" in refused["california"]
    assert policy.rpartition("/")[2] not in refused


def test_words_weigh_more_than_addresses() -> None:
    assert text_score("PRIVACY  POLICY »")[0] == 1.0
    assert text_score("Privacy")[0] > text_score("Privacy & security")[0]
    assert text_score("Terms of Service")[0] == 0.0
    assert url_score("https://a.example/privacy")[0] > url_score("https://a.example/x")[0]
    assert url_score("https://a.example/x")[0] > url_score("https://a.example/blog/privacy")[0]


def test_a_body_is_read_by_its_declared_charset() -> None:
    assert decode("Política".encode("cp1252"), "text/html; charset=windows-1252") == "Política"
    assert decode("<meta charset=shift_jis>個人".encode("shift_jis")).endswith("個人")
    assert decode(b"caf\xe9", "text/html; charset=no-such") == "caf\ufffd"


@pytest.mark.parametrize(
    "html",
    [
        "<a href=/privacy>x</a>" * 300_000,
        "<div>" * 200_000 + "<a href=/privacy>Privacy</a>",
        "<p>" + "<b><a href=/privacy>privacy of a reader " * 60_000,
        "<a href='/" + "privacy-" * 400_000 + "'>Privacy</a>",
        "<a href=/p>" + "privacy " * 500_000,
    ],
    ids=["a million links", "nested", "links in links", "a long address", "a long text"],
)
def test_a_hostile_page_is_read_in_bounded_time(html: str) -> None:
    started = time.process_time()
    ranked(html, "site.example")
    assert time.process_time() - started < 5
