"""The words by which a page's furniture is known, in the languages of many policies.

Data more than code: a phrase that is missed belongs here, not into a rule of its own.
"""

from __future__ import annotations

import re


def _words(*lines: str) -> str:
    """Alternatives, split at ``|`` over as many lines as read well."""
    return "|".join(line.strip("|") for line in lines)


#: Landmark roles (WAI-ARIA) of elements that hold no text of a page.
ROLES = frozenset(
    (
        "alertdialog",
        "banner",
        "complementary",
        "contentinfo",
        "dialog",
        "menu",
        "menubar",
        "navigation",
        "search",
        "toolbar",
    )
)

#: Those of elements that hold a page's text.
MAIN_ROLES = frozenset(("article", "document", "main"))

_PLACE = _words(
    "banner|notice|bar|consent|popup|pop-up|modal|overlay|wall|law|message|alert|prompt|dialog",
    "disclaimer|hint|layer|container|box|toast|widget|info",
)

#: Classes and ids of consent dialogs: what is said of them in general, and the common vendors.
CONSENT_NAME = re.compile(
    _words(
        rf"cookies?[-_]?{'(?:' + _PLACE + ')'}",
        r"(?:consent|gdpr|ccpa|privacy)[-_]?(?:banner|popup|modal|bar|dialog|layer|overlay|manager)",
        r"onetrust-(?:consent|banner|pc)|cybotcookie|cookiebot|didomi|usercentrics|qc-cmp|truste",
        r"cmplz|cookie-law-info|\bcli-|\bcky-|iubenda-cs|tarteaucitron|osano-cm|borlabs|moove_gdpr",
        r"klaro|axeptio|\bcc-(?:window|banner)|sp_message|evidon|cookieconsent|termly-consent|wt-cli",
    ),
    re.IGNORECASE,
)

#: Parts of class names of menus, share bars, newsletter boxes and their like.
WIDGET_NAME = re.compile(
    r"(?:^|[\s_-])(?:"
    + _words(
        "nav|navi|navbar|navigation|topnav|subnav|menu|megamenu|submenu|breadcrumbs?|share|sharing",
        "social|socials|sidebar|side-bar|related|recommended|newsletter|subscribe|subscription",
        "signup|login|signin|search|skip|skip-link|pagination|pager|promo|adverts?|ads?",
        "advertisement|banner|popup|modal|overlay|toast|footer|topbar|toolbar|feedback|helpful",
        "votes?|rating|comments?|languages?|lang|locales?|country|region-picker|back-?to-?top",
        "scroll-?top|recent|trending|latest|popular|cta|carousel|ticker|byline|tags?|teasers?",
        "relatives",
    )
    + r")(?:$|[\s_-])",
    re.IGNORECASE,
)

#: What the attributes of a button say that shows and hides a part of the text.
TOGGLE = re.compile(r"aria-expanded|aria-controls|accordion|collaps|toggle|tab", re.IGNORECASE)

#: What the buttons of a consent dialog say.
AGREE = re.compile(
    r"\b(?:"
    + _words(
        "accept|agree|allow|got it|ok|okay|understood|i understand|reject|decline|deny|refuse",
        "dismiss|akzept|zustimm|ablehn|einverstanden|verstanden|accepter|refuser|j.accepte",
        "aceptar|rechazar|aceitar|rejeitar|recusar|accett|rifiut|accepteren|weigeren|akkoord",
        "acceptera|godkänn|godta|godkend|afvis|hyväksy|akceptuj|zgadzam|odrzuć|přijmout|souhlas",
        "elfogad|kabul|prihvat|sprejmi|prijať|приня|соглас",
    )
    + r")|同意|拒否|承諾|許可|接受|拒絕|拒绝|동의|거부|허용",
    re.IGNORECASE,
)

#: What a consent dialog speaks of.
COOKIES = re.compile(
    _words(
        "cookie|consent|einwilligung|consentement|consenso|consentimiento|クッキー|쿠키",
        "informasjonskapsl|evästee|süti|tracking",
    ),
    re.IGNORECASE,
)

#: Whole blocks that are controls of a page, wherever they stand.
FURNITURE = re.compile(
    r"[\W_]*(?:"
    + _words(
        r"(?:back|return|scroll|go) to (?:the )?top|to top|print(?: this page)?",
        r"share(?: this)?(?: (?:page|article|post|on|via|with))?(?: \w+)?",
        r"was this (?:\w+ )?helpful.*|did this (?:\w+ )?help.*|have more questions\?.*",
        r"\d+ out of \d+ found this helpful",
        r"skip to (?:main |the )?(?:content|navigation|main)|copy link",
        r"\d+[ -]?min(?:ute)?s? read|reading time.*|follow us(?: on)?(?: \w+)?",
        r"menu|close|search|loading|(?:see|show|hide|view|read|expand|collapse)"
        r"(?: (?:more|less|all|details))+",
        r"[\d.,]+ ?k? (?:views?|visitors?|users? online|shares?|comments?|likes?)",
        r"nach oben|zum seitenanfang|zurück nach oben|seite drucken|drucken|teilen",
        r"(?:retour en )?haut de (?:la )?page|retour en haut|imprimer|partager",
        r"(?:volver )?arriba|compartir|imprimir|torna su|condividi|stampa|voltar ao topo",
        r"compartilhar|partilhar|naar boven|ページ(?:の)?(?:トップ|先頭)へ(?:戻る)?|トップへ戻る",
    )
    + r")[\W_]*$",
    re.IGNORECASE,
)

#: Sentences that stand on every page of a site.
BOILERPLATE = re.compile(
    _words(
        r"©|\bcopyright\b|all rights reserved|alle rechte vorbehalten|tous droits réservés",
        r"(?:we|site|page|store|app) uses? cookies|utilis\w+ (?:des|les) cookies",
        r"verwende[nt] cookies|utiliza(?:mos)? cookies|utilizziamo (?:i )?cookie",
        r"gebruik\w* cookies|クッキーを使用|subscribe to|sign up (?:for|to)|newsletter|follow us",
        r"download (?:the|our) app|(?:enable|requires?|without) javascript",
        r"browser (?:is )?(?:not supported|out ?-?of ?-?date|outdated)",
        r"registered (?:in|office|company|trademark)",
    ),
    re.IGNORECASE,
)

#: A line that says when the text was changed or came into force.
DATED = re.compile(
    r"(?:"
    + _words(
        "updated|revised|effective|modified|version|mise à jour|en vigueur|stand|gültig",
        "aktualisiert|actualización|actualizado|atualizad|aggiornat|aggiornamento|bijgewerkt|uppdater",
        "обновл|действует|最終更新|改定|制定|更新|生效|시행|개정",
    )
    + r").{0,40}\d{4}|\d{4}.{0,12}(?:改定|制定|更新|生效|시행|개정)",
    re.IGNORECASE,
)

#: What a heading says that begins a legal document.
DOCUMENT_TITLE = re.compile(
    r"\b(?:"
    + _words(
        "terms (?:of|and|&)|privacy|cookies? (?:policy|notice|statement)|dmca|copyright",
        "acceptable use|data processing (?:agreement|addendum)|end user licen[cs]e|eula|api terms",
        "service level|community guidelines|imprint|impressum|datenschutz|nutzungsbedingungen|agb",
        "allgemeine geschäfts|mentions légales|politique de|conditions (?:générales|d.utilisation)",
        "aviso legal|política de|términos|condizioni|informativa|termos|privacybeleid",
        "algemene voorwaarden",
    )
    + r")\b|プライバシー|利用規約|隐私政策|隱私|服务条款|개인정보|이용약관",
    re.IGNORECASE,
)

#: The titles of privacy policies and of what goes with them, among those of legal documents.
PRIVACY_DOCUMENT = re.compile(
    r"\b(?:"
    + _words(
        "privacy|gdpr|rgpd|dsgvo|ccpa|data (?:retention|protection)|personal (?:data|information)",
        "datenschutz|politique de (?:confidentialité|protection des données)|vie privée",
        "(?:política|aviso) de (?:privacidad|privacidade|protección de datos)|privacidade?",
        "informativa (?:sulla |privacy)|trattamento dei dati|privacybeleid|privacyverklaring",
        "privatliv|integritet|personvern|tietosuoja|prywatno|soukrom|súkrom|adatvéd|adatkezel",
        "confidențialitate|gizlilik|конфиденциальн|конфіденційн|απορρήτου",
    )
    + r")|プライバシー|個人情報|隐私|隱私|개인정보",
    re.IGNORECASE,
)

#: Languages as their pickers name them.
LANGUAGES = frozenset(
    _words(
        "english|deutsch|français|francais|español|espanol|italiano|português|portugues|nederlands",
        "polski|svenska|norsk|dansk|suomi|čeština|cesky|magyar|română|türkçe|русский|українська",
        "ελληνικά|български|slovenčina|slovenščina|hrvatski|日本語|中文|简体中文|繁體中文|한국어",
        "العربية|עברית|हिन्दी|ไทย|tiếng|bahasa|en|de|fr|es|it|pt|nl|pl|ja|zh|ko|ru",
    ).split("|")
)
