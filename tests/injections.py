"""What an archived page, or anyone who fills in a form, may try to have run in a reader's browser.

Each one sets ``window.injected`` if any of it ever runs.
"""

RUN = "window.injected=1"

INJECTIONS = (
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"' onmouseover='{RUN}' autofocus onfocus='{RUN}' x='",
    f"</title></textarea></style></select><script>{RUN}</script>",
    f"<svg/onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"javascript:{RUN}//",
    f"--><!--<script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    "{{ 7*7 }}{% include 'base.html.j2' %}${7*7}#{7*7}",
    f"&lt;script&gt;{RUN}&lt;/script&gt;&#60;script&#62;{RUN}",
    f"\u2028\u202e<base href=//evil.example><link rel=stylesheet href=//evil.example>{RUN}",
    f"<a href='data:text/html,<script>{RUN}</script>'>x</a><form action=//evil.example>",
    '=HYPERLINK("http://evil.example","x")',
)


def hostile_texts() -> list[str]:
    """Two versions of a policy that is nothing but attempts, in every kind of block."""
    blocks = []
    for number, attempt in enumerate(INJECTIONS):
        line = attempt.replace("\n", " ")
        blocks += [
            f"## {line}",
            f"Section {number} says {line} and keeps your data for ten months. {line}",
            f"- an item with {line}\n  - a nested one with {line}",
            f"[a link {number}](javascript:{RUN}) and [another](data:text/html,{number})",
            f"| a cell | {line} |\n| --- | --- |\n| {line} | data |",
        ]
    first = "\n\n".join([f"Last updated: May 12, 2015 {INJECTIONS[0]}", *blocks])
    second = first.replace("ten months", f"twelve months {INJECTIONS[1]}")
    moved = "\n\n".join([*second.split("\n\n")[6:], *second.split("\n\n")[:6]])
    return [first, second, moved]
