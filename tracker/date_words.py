"""The words around dates in policies: how a policy says that a date is its own."""

from __future__ import annotations

import re

# The order is that of trust: where one line matches two kinds, the first names it.
_CUES = {
    "last updated": r"""
        (?:last|latest|recently|most\ recent|recent)\s+(?:date\s+of\s+)?
            (?:updat\w+|revis\w+|modif\w+|chang\w+|amend\w+|review\w*|edit\w+)
        | (?:date\s+of\s+)?(?:last\s+)?(?:revision|modification|update|amendment)s?(?:\s+date)?
        | (?:updated|revised|modified|amended)(?:\s+date)?
        | zuletzt\s+(?:aktualisiert|geändert|überarbeitet|angepasst|bearbeitet)
        | letzte[rn]?\s+(?:aktualisierung|änderung|überarbeitung|anpassung|bearbeitung|stand)
        | (?:aktualisiert|geändert|überarbeitet)
        | (?:dernière\s+|date\s+de\s+(?:dernière\s+)?)?(?:mise\s+à\s+jour|modification|révision)
        | (?:mise?s?\s+à\s+jour|modifiée?s?|révisée?s?)
        | (?:(?:fecha\s+de\s+)?(?:la\s+)?(?:última\s+)?(?:actualización|modificación|revisión))
        | (?:actualizad[oa]s?|modificad[oa]s?|revisad[oa]s?)
        | (?:data\s+(?:di\s+|dell['’])?)?(?:ultim[oa]\s+)?(?:aggiornamento|modifica|revisione)
        | (?:aggiornat[oa]|modificat[oa]|rivist[oa])
        | laatst\w*\s+(?:bijgewerkt|gewijzigd|aangepast|herzien|update|wijziging)
        | (?:bijgewerkt|gewijzigd|aangepast)
        | (?:data\s+d[ae]\s+)?(?:última\s+)?
            (?:atualização|actualização|modificação|alteração|revisão)
        | (?:atualizad[oa]s?|actualizad[oa]s?|alterad[oa]s?)
        | senast\s+(?:uppdatera\w+|ändra\w+|reviderad) | uppdaterad | sidst\s+(?:opdateret|ændret)
        | opdateret | sist\s+(?:oppdatert|endret) | oppdatert | (?:viimeksi\s+)?päivitetty
        | ostatni\w*\s+(?:aktualizacj\w+|zmian\w+) | zaktualizowan\w+
        | (?:poslední\s+|naposledy\s+)?aktualiz(?:ace|ován\w+)
        | (?:posledn\w+|naposledy)\s+aktualiz\w+ | aktualizované
        | (?:darrera|última)\s+actualització | actualitzada?
        | (?:data\s+)?(?:ultimei|ultima)\s+(?:actualizări|actualizare|modificări|modificare)
        | actualizat[ăe]?
        | (?:utolsó\s+|utoljára\s+)?(?:frissítés\w*|frissítve|módosítás\w*|módosítva)
        | (?:son\s+)?(?:güncelle\w+|değişiklik)
        | (?:ημερομηνία\s+)?(?:τελευταία[ςσ]?\s+)?(?:ενημέρωσ\w+|αναθεώρησ\w+|τροποποίησ\w+)
        | (?:дата\s+)?(?:последн\w+\s+)?(?:обновлени\w+|редакци\w+|изменени\w+) | обновлен\w*
        | (?:дата\s+)?(?:останн\w+\s+)?(?:оновленн\w+|редакці\w+|змін\w*) | оновлен\w*
        | 最終更新日? | 最終改[定訂]日? | 改[定訂]日? | 更新日期? | 最后更新 | 最近更新
        | (?:최종\s*)?(?:수정|업데이트|개정)일?
        """,
    "effective": r"""
        effective(?:\s+date)? | (?:in|into|takes?|has)\s+(?:effect|force)
        | valid\s+(?:from|as\s+of|since)
        | applicable\s+(?:from|as\s+of|since) | applies\s+(?:from|as\s+of)
        | gültig(?:\s+(?:ab|seit|vom))? | in\s+kraft(?:\s+(?:seit|ab|getreten))? | wirksam
        | gilt\s+(?:ab|seit)
        | (?:entr\w+\s+)?en\s+vigueur | date\s+d['’]\s*effet
        | applicable\s+(?:au|à\s+partir|depuis|dès)
        | vigente(?:\s+desde)? | (?:entrada\s+)?en\s+vigor | (?:fecha\s+de\s+)?vigencia
        | in\s+vigore | efficace\s+dal | valid[oa]\s+dal | decorrenza
        | (?:data\s+di\s+)?entrata\s+in\s+vigore
        | van\s+kracht | geldig\s+(?:vanaf|sinds|per) | ingangsdatum | geldt\s+vanaf
        | (?:entrada\s+)?em\s+vigor | (?:data\s+de\s+)?vigência | válid[oa]\s+a\s+partir
        | gäller\s+från | giltig\s+från | gælder\s+fra | gjelder\s+fra | voimassa
        | en\s+vigor\s+des | (?:data\s+)?(?:intrării\s+)?în\s+vigoare | valabil\w*\s+(?:din|de\s+la)
        | hatályos | hatálybalépés\w* | yürürlü\w+
        | ισχύει | (?:ημερομηνία\s+)?έναρξη[ςσ]?\s+ισχύο[ςσ]
        | (?:дата\s+)?(?:вступ\w+\s+в\s+силу|начала\s+действия) | действует
        | набирає\s+чинності | набуття\s+чинності | чинна\s+з
        | obowiązuje\s+od | účinn\w+\s+od | 施行日?|制定日?|生效日期|生效|시행일?
        """,
    "version": r"""
        versions?(?:\s+(?:date|of|from|no\.?|number))?\s*(?:v?\d+(?:\.\d+)*)? | v\d+(?:\.\d+)+
        | (?:current|correct|accurate)\s+as\s+(?:of|at) | as\s+of | as\s+at
        | dated? | published | posted | issued | adopted | created | release\s+date
        | stand | fassung | veröffentlicht | datum | erstellt
        | en\s+date | publiée?\s+le | à\s+jour\s+(?:au|du)
        | versión | fecha | publicad[oa]
        | versione | data | pubblicat[oa]
        | versie | gepubliceerd
        | versão | publicado
        """,
}
CUES: dict[str, re.Pattern[str]] = {
    kind: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE | re.VERBOSE)
    for kind, pattern in _CUES.items()
}

# A cue in these words says nothing of how its author orders day and month; one in others does.
ENGLISH = re.compile(
    r"""updat|revis|modif|chang|amend|review|edit|effect|force|valid|appli|version|v\d|current|correct
        |accurate|\bas\b|date|publish|post|issue|adopt|creat|release""",
    re.IGNORECASE | re.VERBOSE,
)

# What may stand between a cue and its date.
LINK = re.compile(
    r"""(?:[\s:：;,.\-–—|/()\[\]"“”'’*_·•=]
        | \b(?:on|as|of|from|since|the|is|was|were|are|been|has|date|day|and|made|it|at|this|in
          |effective|updated|revised|version|v?\d+\.\d+|starting|beginning|following|effect|force
          |am|ab|vom|seit|dem|den|zum|im|per|und|gültig|tritt
          |le|du|au|la|les|depuis|à|a|compter|partir|de|des|dès|et|est|date|en|vigueur
          |el|desde|del|fecha|es|y|al|día
          |il|dal|dalla|in|data|è|e
          |op|van|vanaf|sinds|het
          |em|desde|do|da|dia|o
          |den|fra|från|od|dnia|dne|dňa|des|din|începând|cu
          |tarihi|tarihinde|giriş|girme|itibaren|από|τις|στις|την|τη
          |от|с|со|на|з|від|в|силу|года)\b
        | (?<=\bl)['’] | \bl\b | \b(?:last|latest)\b )*""",
    re.IGNORECASE | re.VERBOSE,
)
POLICY = re.compile(
    r"""(?<!\w)(?:polic(?:y|ies)|notices?|statements?|agreement|terms|document|page|version|addendum
        |data\s+protection\s+information|privacy\s+information|declaration|guidelines?
        |\w*erklärung(?:en)?|\w*hinweise?|\w*information(?:en)?|\w*bestimmungen|\w*richtlinien?
        |politique|charte|déclaration|avis|présente?s?|politica|política|aviso|declaración|informativa
        |declaração|polític\w+|политик\w*|політик\w*|politikas?\w*|tájékoztató|πολιτική\w*|beleid|\w*verklaring|\w*policy|\w*policyn)(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
# A date that these words stand before is another text's, or an end.
OTHERS = re.compile(
    r"""(?<!\w)(?:previous|prior|earlier|old(?:er)?|former|archived?|until|before|superseded|replaces?
        |directive|regulation|law|act|copyright|born|expires?|ends?|through
        |vorherige\w*|frühere\w*|bis|précédent\w*|ancien\w*|avant|jusqu\w*|anterior\w*|hasta|antes
        |precedent\w*|fino|vorige|eerdere|tot|até)(?!\w)|©""",
    re.IGNORECASE | re.VERBOSE,
)
LOG = re.compile(
    r"""(?:change\s*-?\s*log|(?:revision|version|change|update)\s+history|history\s+of\s+(?:changes|updates|revisions)
        |(?:changes|updates|amendments|modifications|revisions)\s+(?:to|of|in)\s+(?:this|our|the)\b
        |(?:most\s+recent|recent|latest)\s+(?:changes|updates|revisions)
        |änderungs(?:historie|verlauf|protokoll)|versions(?:historie|verlauf)
        |historique\s+des\s+(?:modifications|versions|mises)|historial\s+de\s+(?:cambios|versiones)
        |cronologia|storico\s+delle|wijzigings(?:log|geschiedenis)|histórico\s+de)""",
    re.IGNORECASE | re.VERBOSE,
)
