"""What of a page is not its text: menus, banners, share bars, pickers, footers.

Every rule asks what an element is or how its words are spread, never whose page it is. An element
that holds much of the page's prose is text whatever it is called.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from crawler.normalize.blocks import Kind

if TYPE_CHECKING:
    from crawler.normalize.blocks import Block, Container, Page

#: From this many words on, a block that is no heading and no list of links counts as prose.
PROSE_WORDS = 12
#: Beyond this many words of prose an element is no menu, newsletter box or share bar.
MAX_WIDGET_PROSE = 80
#: The longest cookie dialog that is taken for one by its buttons alone.
MAX_DIALOG_WORDS = 400

_NAVIGATION_ROLES = "navigation|banner|contentinfo|search|menu|menubar|toolbar"
_ROLE = re.compile(rf'\srole="(?:{_NAVIGATION_ROLES}|complementary|dialog|alertdialog)"')
_ROLE_MAIN = re.compile(r'\srole="(?:main|article|document)"')
_NAME = re.compile(r'\s(?:class|id)="([^"]*)"')
_CLASS = re.compile(r'\sclass="([^"]*)"')
_PLACE = r"(?:banner|notice|bar|consent|popup|pop-up|modal|overlay|wall|law|message|alert|prompt|dialog|disclaimer|hint|layer|container|box|toast|widget|info)"
_CONSENT = re.compile(
    rf"cookie-?_?{_PLACE}|(?:consent|gdpr|ccpa|privacy)[-_]?(?:banner|popup|modal|bar|dialog|layer|overlay|manager)"
    r"|onetrust-(?:consent|banner|pc)|cybotcookie|cookiebot|didomi|usercentrics|qc-cmp|truste|cmplz"
    r"|cookie-law-info|\bcli-|\bcky-|iubenda-cs|tarteaucitron|osano-cm|borlabs|moove_gdpr|klaro"
    r"|axeptio|\bcc-(?:window|banner)|sp_message|evidon|cookieconsent|termly-consent|wt-cli",
    re.IGNORECASE,
)
_WIDGET = re.compile(
    r"(?:^|[\s_-])(?:nav|navi|navbar|navigation|topnav|subnav|menu|megamenu|submenu|breadcrumbs?|share|"
    r"sharing|social|socials|sidebar|side-bar|related|recommended|newsletter|subscribe|subscription|"
    r"signup|login|signin|search|skip|skip-link|pagination|pager|widgets?|promo|adverts?|ads?|"
    r"advertisement|banner|popup|modal|overlay|toast|footer|topbar|toolbar|feedback|helpful|votes?|"
    r"rating|comments?|languages?|lang|locales?|country|region-picker|back-?to-?top|scroll-?top|recent|"
    r"trending|latest|popular|cta|carousel|ticker|byline|tags?|teasers?|cards?|relatives)(?:$|[\s_-])",
    re.IGNORECASE,
)
_AGREE = re.compile(
    r"\b(?:accept|agree|allow|got it|ok|okay|understood|i understand|reject|decline|deny|refuse|"
    r"dismiss|akzept|zustimm|ablehn|einverstanden|verstanden|accepter|refuser|j.accepte|aceptar|"
    r"rechazar|aceitar|rejeitar|recusar|accett|rifiut|accepteren|weigeren|akkoord|acceptera|godkänn|"
    r"godta|godkend|afvis|hyväksy|akceptuj|zgadzam|odrzuć|přijmout|souhlas|elfogad|kabul|prihvat|"
    r"sprejmi|prijať|приня|соглас)|同意|拒否|承諾|許可|接受|拒絕|拒绝|동의|거부|허용",
    re.IGNORECASE,
)
_COOKIES = re.compile(
    r"cookie|consent|einwilligung|consentement|consenso|consentimiento|クッキー|쿠키|"
    r"informasjonskapsl|evästee|süti|tracking",
    re.IGNORECASE,
)
_UI = re.compile(
    r"(?:[\W_]*(?:(?:back|return|scroll|go) to (?:the )?top|to top|print(?: this page)?|share(?: this)?"
    r"(?: (?:page|article|post|on|via|with))?(?: \w+)?|was this (?:\w+ )?helpful.*|did this (?:\w+ )?help.*|"
    r"\d+ out of \d+ found this helpful|have more questions\?.*|skip to (?:main |the )?(?:content|"
    r"navigation|main)|copy link|\d+[ -]?min(?:ute)?s? read|reading time.*|follow us(?: on)?(?: \w+)?|"
    r"menu|close|search|loading|(?:see|show|hide|view|read|expand|collapse)(?: (?:more|less|all|details))+|"
    r"[\d.,]+ ?k? (?:views?|visitors?|users? online|shares?|comments?|likes?)|"
    r"nach oben|zum seitenanfang|zurück nach oben|seite drucken|drucken|teilen|(?:retour en )?haut de "
    r"(?:la )?page|retour en haut|imprimer|partager|(?:volver )?arriba|compartir|imprimir|torna su|"
    r"condividi|stampa|voltar ao topo|compartilhar|partilhar|naar boven|ページ(?:の)?(?:トップ|先頭)へ(?:戻る)?|"
    r"トップへ戻る|シェア(?:する)?)[\W_]*)$",
    re.IGNORECASE,
)
_LANGUAGES = frozenset(
    "english|deutsch|français|francais|español|espanol|italiano|português|portugues|nederlands|polski|"
    "svenska|norsk|dansk|suomi|čeština|cesky|magyar|română|türkçe|русский|українська|ελληνικά|"
    "български|slovenčina|slovenščina|hrvatski|日本語|中文|简体中文|繁體中文|한국어|العربية|עברית|हिन्दी|"
    "ไทย|tiếng việt|bahasa indonesia|bahasa melayu|en|de|fr|es|it|pt|nl|pl|ja|zh|ko|ru".split("|")
)
_TARGET = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")


class Totals(NamedTuple):
    """Prefix sums over the blocks of a page."""

    words: list[int]
    linked: list[int]
    links: list[int]
    prose: list[int]

    def within(self, sums: list[int], container: Container) -> int:
        return sums[container.end] - sums[container.first]


def prose_words(block: Block) -> int:
    """A block's words if it is running text, else 0."""
    if block.kind is Kind.HEADING or block.words < PROSE_WORDS or block.linked * 2 > block.words:
        return 0
    return block.words


def totals(blocks: list[Block]) -> Totals:
    return Totals(
        words=list(accumulate((block.words for block in blocks), initial=0)),
        linked=list(accumulate((block.linked for block in blocks), initial=0)),
        links=list(accumulate((block.links for block in blocks), initial=0)),
        prose=list(accumulate(map(prose_words, blocks), initial=0)),
    )


def is_main(container: Container) -> bool:
    return container.tag in ("main", "article") or bool(_ROLE_MAIN.search(container.attributes))


def find_chrome(page: Page) -> list[bool]:
    """For each block, whether it belongs to the page's furniture rather than to its text."""
    sums = totals(page.blocks)
    out = [_is_furniture(block) for block in page.blocks]
    in_main = _inside_main(page.containers)
    controlled = {at for at, _ in page.controls}
    dialogs = _dialogs(page, sums)
    done = 0
    for at, container in enumerate(page.containers):
        if container.end <= done or container.first == container.end:
            continue
        if at in dialogs or _is_chrome(container, sums, in_main[at], controlled=at in controlled):
            done = container.end
            out[container.first : done] = [True] * (done - container.first)
    _language_pickers(page, out)
    return out


def _is_furniture(block: Block) -> bool:
    if block.words > 10 or block.kind in (Kind.ROW, Kind.HEADING):
        return False
    return _UI.match(visible(block.text)) is not None


def visible(text: str) -> str:
    """Inline Markdown without link targets."""
    return _TARGET.sub(r"\1", text) if "](" in text else text


def _inside_main(containers: list[Container]) -> list[bool]:
    inside: list[bool] = []
    for container in containers:
        inside.append(is_main(container) or (container.parent >= 0 and inside[container.parent]))
    return inside


def _is_chrome(container: Container, sums: Totals, in_main: bool, *, controlled: bool) -> bool:
    prose = sums.within(sums.prose, container)
    total = sums.prose[-1]
    if _is_consent(container) and total - prose >= 100:
        return True
    if prose * 3 > total and total:
        return False
    return _by_element(container, sums, prose, in_main) or _by_name(
        container, sums, prose, controlled=controlled
    )


def _is_consent(container: Container) -> bool:
    return any(_CONSENT.search(name) for name in _NAME.findall(container.attributes))


def _by_element(container: Container, sums: Totals, prose: int, in_main: bool) -> bool:
    if container.tag in ("nav", "footer", "dialog", "search"):
        return True
    if container.tag == "aside":
        return not in_main or prose < 2 * PROSE_WORDS
    if container.tag == "header":
        return not in_main and sums.within(sums.links, container) >= 2
    return bool(_ROLE.search(container.attributes))


def _by_name(container: Container, sums: Totals, prose: int, *, controlled: bool) -> bool:
    """Named like a widget, and spread like one: little prose, and links or buttons."""
    if prose > MAX_WIDGET_PROSE:
        return False
    names = _CLASS.search(container.attributes)
    if names is None or not _WIDGET.search(names[1]):
        return False
    words = sums.within(sums.words, container)
    return controlled or sums.within(sums.linked, container) * 10 > words * 3


def _dialogs(page: Page, sums: Totals) -> set[int]:
    """Containers of consent dialogs that only their buttons and their talk of cookies give away."""
    found: set[int] = set()
    labels: dict[int, int] = {}
    for at, label in page.controls:
        if 0 < len(label) < 60 and _AGREE.search(label):
            labels[at] = labels.get(at, 0) + 1
    for at in labels:
        top = _outermost_small(page, sums, at)
        if top < 0:
            continue
        container = page.containers[top]
        inside = " ".join(block.text for block in page.blocks[container.first : container.end])
        if labels[at] > 1 or _COOKIES.search(inside):
            found.add(top)
    return found


def _outermost_small(page: Page, sums: Totals, at: int) -> int:
    top = -1
    while at >= 0:
        container = page.containers[at]
        prose = sums.within(sums.prose, container)
        if sums.within(sums.words, container) > MAX_DIALOG_WORDS or prose * 3 > sums.prose[-1]:
            break
        if is_main(container):
            break
        top, at = at, container.parent
    return top


def _language_pickers(page: Page, out: list[bool]) -> None:
    """Runs of three or more blocks that are each just the name of a language."""
    run: list[int] = []
    for at, block in enumerate([*page.blocks, None]):
        if block is not None and block.words <= 3 and _is_language(block):
            run.append(at)
            continue
        if len(run) >= 3:
            for member in run:
                out[member] = True
        run.clear()


def _is_language(block: Block) -> bool:
    return re.split(r"[ (/]", visible(block.text).strip(), maxsplit=1)[0].casefold() in _LANGUAGES
