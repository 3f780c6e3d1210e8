"""The phrases of English policies that bind a service or serve its users, or open a door.

Each is used for one thing nearly always. They were found by reading, on the labels that are not
held back (docs/commitment-direction.md).
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a cue says. The first seven protect the user, the others let the service do more."""

    PROMISE = "promise"
    LIMIT = "limit"
    CONSENT = "consent"
    DUTY = "duty"
    CHOICE = "choice"
    SAFEGUARD = "safeguard"
    PERIOD = "period"
    HEDGE = "hedge"
    EXCEPTION = "exception"
    OPEN_LIST = "open list"
    SHARING = "sharing"
    PRACTICE = "practice"

    @property
    def protects(self) -> bool:
        """Whether it binds the service or serves the user."""
        return self not in _LOOSENS


_LOOSENS = frozenset({Kind.HEDGE, Kind.EXCEPTION, Kind.OPEN_LIST, Kind.SHARING, Kind.PRACTICE})


_PRACTICE = (
    r"(?:sell(?:ing)?|sold|rent(?:ed)?|trad(?:e|ed)|shar(?:e|es|ed|ing)|disclos(?:e|es|ed|ing)|"
    r"us(?:e|ed|ing)|collect(?:ed|ing)?|stor(?:e|ed|ing)|retain(?:ed|ing)?|keep|kept|"
    r"process(?:ed|ing)?|track(?:ed|ing)?|transfer(?:red|ring)?|upload(?:ed)?|"
    r"profil(?:e|ed|ing)|combin(?:e|ed|ing)|access(?:ed|ible)?|analy[sz]ed?|scan(?:ned)?|"
    r"discriminat(?:e|ed)|discriminatory treatment|receive (?:tailored|discriminatory)|"
    r"provide|pass(?:ed)?|give|sent|send|monitor(?:ed)?|record(?:ed)?|den(?:y|ied)|charge)"
)
_NOT = (
    r"(?:(?:will|do|does|did|shall|may|must|can|could|is|are|be|was|were|has|have) ?(?:not|never)|"
    r"cannot|can['’]t|won['’]t|don['’]t|doesn['’]t|isn['’]t|aren['’]t|never|no longer|neither)"
)
_BETWEEN = (
    r"(?:(?:be|been|and|or|nor|will|do|does|not|to|knowingly|intentionally|otherwise|currently|"
    r"directly|ever|also|in any way|(?:sell|rent|share|use|collect|receive|uploaded|disclose),?) )"
)
_LINK = r"do not (?:sell|share)(?: or (?:sell|share))? my\b"
_NOUNS = (
    r"(?:safeguards|security measures|encryption|pseudonymi[sz]ation|anonymi[sz]ation|"
    r"access controls|protective measures|protection measures|standard contractual clauses)"
)
_YOU_MAY = (
    r"\byou (?:can|may|could|are able to|will be able to) "
    r"(?:(?:also|always|still|at any time|easily|then|therefore|simply) )*"
)
_FIRM = (
    r"(?:opt(?:[ -]?out|[ -]?in| you out)|object|withdraw|revoke|delete|erase|unsubscribe|rectify|"
    r"turn off|disable|lodge|file a complaint|complain|appeal|decline|refuse|reject)\b"
)
_LOOSE = (
    r"(?:request|ask|access|correct|amend|update|change|choose|remove|control|manage|limit|"
    r"restrict|export|download|obtain|receive|designate|review|adjust|stop)\b"
)
_OWN = (
    r"\b(?:data|information|account|settings?|cookies?|preferences|consent|profile|rights?|"
    r"advertis\w+|ads|sharing|sale|tracking|agent|processing|collection)\b"
)
_CONSENT = (
    r"(?:us |you |has |been |the |your |their |explicit |prior |express |affirmative |parental |"
    r"opt-in )*(?:consents?|permissions?|authori[sz]ation)\b"
)
_DUTY = (
    r"(?:also |then |always |promptly |immediately |prominently |clearly )*(?:notify|inform|"
    r"publish (?:\S+ ){0,4}(?:changes?|updates?|notice|amendments?)|"
    r"keep (?:[\w-]+ ){0,4}(?:private|confidential|secure|safe)|"
    r"tell you|let you know|delete|erase|remove|purge|destroy|honou?r|post|protect|safeguard|"
    r"(?:seek|obtain|ask for|ask you for|clearly ask for) (?:your |parental )?(?:\w+ )?consent|"
    r"provide (?:you )?(?:with )?(?:\w+ ){0,2}notice|stop|cease|anonymi[sz]e|review and|ensure|"
    r"require (?:them|these|those|affirmative)|"
    r"take (?:[\w-]+ ){0,3}(?:measures|steps)(?! to (?:verify|confirm)))\b"
)
_KEEPING = (
    r"\b(?:retain|retains|retained|store[sd]?|kept|keep|held|deleted?|erased?|maintained|purged|"
    r"expires?|lifetime|duration|retention)\b[^.]{0,60}?"
)
_RECIPIENT = (
    r"(?:third[- ]part(?:y|ies)|partners?|advertisers?|affiliat(?:es?|ed)|subsidiar(?:y|ies)|"
    r"vendors?|(?:[\w-]+ )?providers?|companies|networks?|merchants?|developers?|processors?|"
    r"agenc(?:y|ies)|brokers?|acquirers?|insurers?|authorities|retailers?|entities|"
    r"servers|others|other users|members|the public)\b"
)
_GIVEN = r"(?:shared|disclosed|sold|transferred|sent|available|visible|accessed|accessible)"

PHRASES: tuple[tuple[Kind, str], ...] = (
    (Kind.PROMISE, rf"\b(?!do not track|{_LINK}){_NOT} {_BETWEEN}{{0,4}}{_PRACTICE}\b"),
    (Kind.PROMISE, r"\bno (?:[\w-]+ ){1,3}(?:is|are|will be) (?:shared|sold|stored|used|kept)\b"),
    (Kind.PROMISE, r"\bnot (?:directed|intended|aimed|targeted)\b[^.]{0,40}\b(?:child|minor)"),
    (Kind.PROMISE, r"\byou will not (?:be )?receive (?:discriminat|tailored|personali|target)\w*"),
    (Kind.PROMISE, r"\byou will not be (?:discriminated|denied|charged)\b"),
    (Kind.PROMISE, r"\bnever for any other\b|\bwithout your (?:prior |explicit )?consent\b"),
    (Kind.LIMIT, r"\b(?:only|solely|exclusively|strictly|compatible with|no more than)\b"),
    (Kind.LIMIT, r"\b(?:not|no) longer than\b"),
    (Kind.CONSENT, rf"\b(?:with|upon|based on|obtain|seek|given|gave|requires?) {_CONSENT}"),
    (Kind.CONSENT, rf"\bask(?:ed)? (?:you )?for {_CONSENT}"),
    (Kind.CONSENT, r"\bif you(?:['’]ve| have)? (?:allow|consent|authori[sz]e)(?:e?d)?\b"),
    (Kind.CONSENT, r"\b(?:parent|guardian)\S* (?:\w+ ){0,4}(?:permission|consent)\b"),
    (Kind.DUTY, rf"\b(?:we|they|(?-i:[A-Z])[\w.]+) (?:will|shall|must|undertakes? to) {_DUTY}"),
    (Kind.DUTY, rf"\b(?:we|they|and|(?-i:[A-Z])[\w.]+) (?:are |is )?commit(?:ted)? to {_DUTY}"),
    (Kind.DUTY, r"\band (?:must|will) (?:delete|erase|destroy|remove|notify|inform)\b"),
    (Kind.DUTY, r"\bcontractually (?:prohibit|restrict|oblige|require)\w*|\bobligated not to\b"),
    (
        Kind.DUTY,
        (
            r"\b(?:is|are|be) (?:(?:also|then|automatically|immediately|permanently) )*"
            r"(?:deleted|erased|purged|destroyed|shredded)\b"
        ),
    ),
    (Kind.CHOICE, rf"{_YOU_MAY}{_FIRM}"),
    (Kind.CHOICE, rf"{_YOU_MAY}{_LOOSE}[^.;]{{0,60}}?{_OWN}"),
    (
        Kind.CHOICE,
        (
            r"(?<!reserve )\b(?:the|your|a|an|have|retain) (?:[\w-]+ )?rights? (?:not )?to\b"
            r"(?! privacy)"
        ),
    ),
    (Kind.CHOICE, r"^(?:\W|\d)*rights? (?:to|of|related)\b"),
    (Kind.CHOICE, r"\byou (?:also )?have (?:a|the) choice\b"),
    (Kind.CHOICE, r"\bright of (?:access|erasure|rectification|portability)"),
    (Kind.CHOICE, r"\bright to (?:know|delete|object|opt)"),
    (
        Kind.CHOICE,
        (
            r"\bif you (?:do not |don['’]t |no longer |would )?(?:wish|want|prefer|like)\b"
            rf"[^.]{{0,80}}\b{_FIRM}(?![^.]*\bsee\b)"
        ),
    ),
    (Kind.CHOICE, r"\bif you do(?: not|n['’]t) want us to\b"),
    (Kind.CHOICE, rf"^(?:\W|\d)*to {_FIRM}[^.]{{0,80}}\b(?:click|visit|go to|contact|e?-?mail)\b"),
    (Kind.CHOICE, r"\b(?:individuals|users|you|residents) (?:may|can) request (?:that|to)\b"),
    (Kind.CHOICE, r"\bcontrol (?:who|whom|with whom|whether)\b"),
    (
        Kind.SAFEGUARD,
        (
            r"\bwe (?:\w+ )?(?:use|implement|maintain|apply|employ|take|adopt)\b"
            rf"[^.]{{0,60}}\b{_NOUNS}\b"
        ),
    ),
    (Kind.SAFEGUARD, r"\b(?:is|are) (?:\w+ )?encrypted\b|\btaking measures\b"),
    (Kind.SAFEGUARD, r"\b(?:irrecoverable|irreproducible)\b"),
    (
        Kind.PERIOD,
        (
            rf"{_KEEPING}\b(?:\d+|one|two|three|six|twelve|thirty)[ -]"
            r"(?:hours?|days?|weeks?|months?|years?)\b"
        ),
    ),
    (Kind.PERIOD, rf"{_KEEPING}\b(?:upon completion|processing period|immediately|timely)\b"),
    (Kind.HEDGE, r"\byou may (?:also )?have (?:certain |the |a )?(?:\w+ )?rights?\b"),
    (Kind.HEDGE, r"\bmay include the right\b|\bmay be (?:able|entitled|eligible)\b"),
    (Kind.HEDGE, r"\b(?:where|as|if|unless) (?:otherwise )?(?:required|permitted|stated)\b"),
    (Kind.HEDGE, r"\bat our (?:sole )?discretion\b|\bin some cases\b"),
    (Kind.EXCEPTION, r"\b(?:except|unless|other than|subject to|notwithstanding|excluding)\b"),
    (Kind.EXCEPTION, r"\bprovided that\b"),
    (Kind.OPEN_LIST, r"\bbut (?:are |is )?not limited to\b|\bwithout limitation\b"),
    (
        Kind.SHARING,
        (
            r"\b(?:shar(?:e|es|ing)|disclos(?:e|es|ing)|sells?|transfer|sends?|refer your)\b"
            rf"[^.;]{{1,110}}?\b(?:with|to)\b[^.;]{{0,60}}?\b{_RECIPIENT}"
        ),
    ),
    (
        Kind.SHARING,
        (
            rf"\b(?:be|is|are|been|or|and) {_GIVEN} (?:with|to|by)\b(?! us\b)"
            rf"[^.;]{{0,60}}?\b{_RECIPIENT}"
        ),
    ),
    (
        Kind.SHARING,
        rf"\b{_RECIPIENT} (?:(?:may|will|can|also|to) )+(?:use|collect|access|receive|place|set)\b",
    ),
    (Kind.SHARING, r"\bthird parties (?:use|collect|access|receive|place)\b"),
    (
        Kind.SHARING,
        (
            r"\bwe (?:may |also )*(?:use|work with|engage|partner with) (?:[\w-]+ ){0,3}?"
            r"(?:partners?|third[- ]part(?:y|ies)|vendors?|service providers?)\b"
        ),
    ),
    (
        Kind.PRACTICE,
        (
            r"^(?:[^,.;]{0,60}, )?(?:we|they|these (?:\w+ )?(?:partners|providers|parties)) "
            r"(?:(?:may|will|can) (?:also )?|also )"
            r"(?:collect|use|retain|store|keep|receive|obtain|process|contact|combine|access|record|"
            r"track|monitor|share|refer|send|transfer|link|analy[sz]e|infer)\b"
        ),
    ),
    (
        Kind.SHARING,
        (
            r"\b(?:we|they|(?-i:(?!You|Information|Not\b)[A-Z]\w+)) "
            r"(?:(?:may|will|can|also|uses? and) )*"
            r"(?:share|sell|disclose)s? (?:\w+ ){0,3}?(?:data|information|details)\b[^.;]{0,90}"
        ),
    ),
)
TRIGGERS: dict[Kind, frozenset[str]] = {
    kind: frozenset(words.split())
    for kind, words in {
        Kind.PROMISE: """not never cannot can't won't don't doesn't isn't aren't no neither
            without""",
        Kind.LIMIT: "only solely exclusively strictly compatible no not",
        Kind.CONSENT: "consent consents permission permissions authorization authorisation if",
        Kind.DUTY: """will shall must undertake undertakes commit committed contractually obligated
            deleted erased purged destroyed shredded""",
        Kind.CHOICE: "you right rights to users individuals residents control",
        Kind.SAFEGUARD: "we encrypted taking irrecoverable irreproducible",
        Kind.PERIOD: """retain retains retained store stored stores kept keep held delete deleted
            erase erased maintained purged expire expires lifetime duration retention""",
        Kind.HEDGE: "may where as if unless discretion some",
        Kind.EXCEPTION: "except unless other subject notwithstanding excluding provided",
        Kind.OPEN_LIST: "limited limitation",
        Kind.SHARING: """share shares sharing disclose discloses disclosing sell sells transfer
            transfers send sends refer shared disclosed sold transferred sent available visible
            accessed accessible use collect access receive place set work engage partner""",
        Kind.PRACTICE: "may will can also",
    }.items()
}
"""Of every kind of cue, words of which it has one: most sentences need not be looked at twice."""
