"""The words that name a privacy policy, and those that name what is not one, in links and URLs.

In some forty languages: what sites, their platforms' footers and policy generators write. Phrases
are compared folded (``plain_text``); ``*`` stands for any ending.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

CJK: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def plain_text(text: str) -> str:
    """Folded for comparison: case, width and accents away, punctuation to spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in folded if not unicodedata.combining(c) or "\u0e00" <= c <= "\u0eff")
    return " ".join(re.sub(r"[\W_]+", " ", bare).replace("ß", "ss").replace("ı", "i").split())


def _any_of(phrases: str) -> re.Pattern[str]:
    """A pattern of ``|``-separated phrases, a trailing ``*`` standing for any ending."""
    alternatives = []
    for phrase in phrases.replace("\n", " ").split("|"):
        plain, open_end = plain_text(phrase), phrase.strip().endswith("*")
        ends = r"\w*" if open_end or CJK.search(plain) else r"(?!\w)"
        starts = "" if CJK.search(plain) else r"(?<!\w)"
        alternatives.append(starts + re.escape(plain).replace(r"\ ", " ") + ends)
    return re.compile("|".join(sorted(alternatives, key=len, reverse=True)))


def words_in(plain: str) -> int:
    """Words, where a script writes without spaces counted as two characters each."""
    wide = len(CJK.findall(plain))
    return -(-wide // 3) + len(CJK.sub(" ", plain).split())


# The document by its full name.
NAMES: Final = _any_of("""
privacy policy|privacy policies|privacy statement|privacy notice|privacypolicy|privacy and cookie*|
privacy cookie*|cookie* and privacy|privacy data protection|data protection policy|
data protection notice|data privacy policy|data privacy notice|data policy|online privacy policy|
privacy data policy|personal data policy|privacy charter|privacy code|
datenschutzerklarung*|datenschutzbestimmung*|datenschutzhinweis*|datenschutzrichtlinie*|
datenschutzinformation*|hinweise zum datenschutz|erklarung zum datenschutz|
politique de confidentialite|politiques de confidentialite|
politique de vie privee|charte de confidentialite|
politique de protection des donnees*|protection des donnees personnelles|
politique relative aux donnees*|declaration de confidentialite|avis de confidentialite|
politique de donnees|charte de protection des donnees*|charte vie privee|
politica de privacidad|aviso de privacidad|politica de proteccion de datos|
declaracion de privacidad|politica de confidencialidad|politicas de privacidad|
politica de privacidade|aviso de privacidade|declaracao de privacidade|
politica de protecao de dados|informativa sulla privacy|informativa privacy|
informativa sul trattamento*|politica sulla privacy|politica di riservatezza|
privacybeleid|privacyverklaring|privacy beleid|privacy verklaring|privacyreglement|
integritetspolicy|personuppgiftspolicy|dataskyddspolicy|sekretesspolicy|integritetsmeddelande|
privatlivspolitik|persondatapolitik|fortrolighedspolitik|personvernerklæring*|personvernpolicy|
tietosuojaseloste|tietosuojakaytanto*|tietosuojalauseke|rekisteriseloste|
polityka prywatnosci|polityce prywatnosci|zasady ochrany osobnich udaju|
ochrana osobnich udaju|zasady ochrany soukromi|ochrana osobnych udajov|
zasady ochrany osobnych udajov|adatvedelmi*|adatkezelesi*|politica de confidentialitate|
protectia datelor*|pravila privatnosti|politika privatnosti|zastita privatnosti|
izjava o privatnosti|politika zasebnosti|varstvo osebnih podatkov|privatumo politika|
privatuma politika|privaatsuspoliitika|privatumo pranesimas|gizlilik politikasi|
gizlilik bildirimi|kisisel verilerin korunmasi*|aydinlatma metni|
политика конфиденциальности|политика приватности|обработка персональных данных|
политика обработки персональных данных|політика конфіденційності|політика приватності|
политика за поверителност|политика за защита на личните данни|πολιτικη απορρητου|
πολιτικη προστασιας*|δηλωση απορρητου|سياسة الخصوصية|بيان الخصوصية|מדיניות פרטיות|
מדיניות הפרטיות|حریم خصوصی|गोपनीयता नीति|นโยบายความเป็นส่วนตัว|chinh sach bao mat|
chinh sach quyen rieng tu|chinh sach rieng tu|kebijakan privasi|dasar privasi|
プライバシーポリシー|プライバシー ポリシー|個人情報保護方針|個人情報の取*|プライバシー規約|
隐私政策|隱私政策|隐私权政策|隱私權政策|隐私声明|隱私權聲明|隐私条款|隱私條款|私隱政策|隐私保护|
개인정보처리방침|개인정보 처리방침|개인정보취급방침|개인정보 보호정책|개인정보보호정책|
politica de privacitat|politica de privadesa|pribatutasun politika
""")
# The subject alone: the usual short form of the link, but of much else too.
SUBJECT: Final = _any_of("""
privacy|data protection|data privacy|personal data|datenschutz*|privatsphare*|confidentialite|
vie privee|donnees personnelles|protection des donnees|privacidad|proteccion de datos|
confidencialidad|privacidade|protecao de dados|riservatezza|trattamento dei dati*|dati personali|
persoonsgegevens|gegevensbescherming|integritet*|personuppgifter|dataskydd*|sekretess|privatliv*|
persondata*|personvern*|tietosuoja*|yksityisyy*|prywatnosc*|dane osobowe|rodo|soukromi|
osobnich udaju|osobni udaje|osobnych udajov|adatvedel*|adatkezel*|confidentialitate|date personale|
privatnost*|zasebnost*|privatumas|privatumo|privatum*|privaatsus*|gizlilik|kvkk|kisisel veri*|
конфиденциальност*|персональн* данн*|персональных данных|приватност*|конфіденційн*|
персональних даних|поверителност|лични данни|απορρητο*|προσωπικων δεδομενων|προσωπικα δεδομενα|
الخصوصية|פרטיות|privasi|bao mat|rieng tu|गोपनीयता|ความเป็นส่วนตัว|プライバシー|個人情報|隐私|隱私|
私隱|개인정보|개인정보보호|privacitat|privadesa|gdpr|rgpd|dsgvo
""")
TERMS: Final = _any_of("""
terms|term|tos|conditions|agb|nutzungsbedingung*|geschaftsbedingung*|cgu|cgv|conditions generales|
condiciones|terminos|termos|condizioni|voorwaarden|villkor|vilkar|ehdot|regulamin|podminky|
conditii|termeni|условия|правила|利用規約|規約|条款|條款|이용약관|약관|user agreement|eula|
imprint|impressum|copyright|dmca|licen*
""")
HUB: Final = _any_of("""
legal|legals|legal information|legal notice*|legal info|policies|our policies|policies and terms|
terms and policies|terms policies|site policies|guidelines and policies|policy|trust center|
privacy center|privacy centre|privacy hub|privacy portal|legal center|legal centre|legal hub|
legal documents|legal stuff|legal terms|rechtliches|rechtliche hinweise|rechtliche informationen|
mentions legales|informations legales|legales|aviso legal|avisos legales|informacion legal|
avisos legais|informacoes legais|note legali|juridische informatie|juridisk information|
juridische kennisgeving|juridisk|oikeudelliset tiedot|informacje prawne|pravni informace|
jogi nyilatkozat|jogi informaciok|yasal|hukuki|правовая информация|юридическая информация|
νομικα|法的情報|法律声明|法律聲明|法律信息|법적 고지|법률정보
""")
CENTRE: Final = _any_of("policies|center|centre|hub|portal|overview|zentrum|centro|portail")
# Where the policy may be linked, or stand itself, if nothing better leads there.
WEAK_HUB: Final = _any_of("""
terms|terms of use|terms of service|terms and conditions|terms conditions|conditions of use|
impressum|imprint|agb|nutzungsbedingungen|conditions generales*|cgu|condiciones|
terminos y condiciones|termos de uso|condizioni|algemene voorwaarden|colophon|regulamin|
условия использования|利用規約|このサイトについて|条款|條款|使用条款|이용약관|about|about us|help|
site map|sitemap|disclaimer|legal disclaimer|copyright
""")
TOOL: Final = _any_of("""
settings|setting|preferences|preference|choices|choice|manage|opt out|optout|do not sell|
do not share|request|requests|dashboard|consent|einstellung*|parametres|gerer|configuracion|
preferencias|impostazioni|instellingen|ustawienia|nastaveni|настройки|ayarlari|設定|设置|設置|설정|tool|
tools|checkup
""")
VARIANT: Final = _any_of("""
california|ccpa|cpra|nevada|virginia|colorado|children|childrens|child|kids|coppa|applicant*|
candidate*|recruit*|recruitment|employee*|job|jobs|career*|bewerber*|candidat*|supplier*|vendor*|
investor*|student*|hipaa|health data|consumer health|shield|data privacy framework|framework|dpf|
biometric*|event*|podcast|summary|archive|archived|previous|older|addendum|dpa|processing agreement|
processing addendum|subprocessor*|officer|whistleblower*
""")
READING: Final = _any_of("""
blog|news|press|guide|tips|webinar|whitepaper|report|how to|why|what is|learn|story|stories|watch|
research|podcast|book|course|engineering|law|laws|software|solutions|product|products|services|
consulting|research|act|first
""")

URL_NAME: Final = re.compile(
    r"privacy[-_.+ ]?(?:and[-_ ]?cookies?[-_ ]?)?(?:polic(?:y|ies)|statement|notice|terms|info)"
    r"|datenschutz[-_]?(?:erkl|hinw|best|richt)|(?:politique|charte|declaration)[-_](?:de[-_])?(?:la[-_])?"
    r"(?:confidentialite|vie[-_]privee|protection)|(?:politica|aviso|declaracion|politicas)[-_]?(?:de[-_]?)?"
    r"priva[cz]i|informativa[-_]?(?:sulla[-_]?)?privacy|privacy[-_]?(?:beleid|verklaring)|policy[-_]privacy"
    r"|polityka[-_]?prywatnosci|integritetspolicy|privatlivspolitik|personvernerkl|tietosuojaseloste"
    r"|data[-_]?(?:protection|privacy|policy)|kebijakan[-_]privasi|gizlilik[-_]politikasi",
)
URL_SUBJECT: Final = re.compile(
    r"privacy|privacid|privacit|datenschutz|confidentialit|confidencialid|vie[-_]?privee|donnees|"
    r"privatliv|personvern|tietosuoja|prywatno|soukromi|osobni|adatved|adatkez|gizlilik|kvkk|rodo|"
    r"riservatezza|integritet|dataskydd|privasi|privatnost|zasebnost|gdpr|rgpd|dsgvo|lgpd|personal-?data|"
    r"konfidencial|конфиденц|прив[аа]тн|隐私|隱私|プライバシー|個人情報|개인정보|yinsi"
)
URL_OTHER: Final = re.compile(
    r"cookie|terms|tos\b|conditions|imprint|impressum|dmca|copyright|security|eula|refund|shipping|"
    r"accessib|license|contact|about|agb|mentions"
)
URL_TOOL: Final = re.compile(
    r"settings|preferences|choices|opt-?out|do-?not-?sell|dns(?:mpi)?$|request|consent|manage|login|signup"
)
URL_VARIANT: Final = re.compile(
    r"california|ccpa|child|kids|applicant|candidate|recruit|employee|job|career|shield|framework|"
    r"hipaa|archive|previous|subprocessor|dpa\b|addendum"
)
READING_SEGMENT: Final = re.compile(
    r"blogs?|news|newsroom|press|press-releases?|media|stor(?:y|ies)|posts?|resources?|webinars?|podcasts?|"
    r"events?|forums?|community|threads?|topics?|tags?|categor(?:y|ies)|magazine|insights?|learn|"
    r"questions?|wiki|search|products?|jobs?|careers?|authors?|users?|comments?|\d{4}"
)
READING_HOST: Final = re.compile(
    r"^(?:blogs?|news|press|forums?|community|jobs|careers|investors?|shop|media)\.(?=[^.]+\.)|\.blog$"
)
ASSET: Final = re.compile(
    r"\.(?:js|mjs|css|map|json|xml|rss|png|jpe?g|gif|svg|webp|ico|woff2?|ttf|eot|mp[34]|zip|gz|exe|"
    r"docx?|xlsx?|pptx?|swf)$"
)
