"""Pages that attack the reader: what a report shows in a browser, a terminal, a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .attack import Attack, Build, cell, cells_of, notebook, write

_SCRIPTS = """
texts = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</pre></div><iframe src=//x>",
    "<svg/onload=alert(1)>", "<a href='javascript:alert(1)'>x</a>", "<style>*{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=//x>", "<!--", "]]><x>", "&lt;script&gt;", "<b>passed</b>",
    "\\"'><script>", "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>", "{{7*7}}${7*7}<%=7%>",
]
"""


def _named(name: str) -> Build:
    """A failing notebook whose file has a hostile name."""

    def build(folder: Path, facts: Mapping[str, Any]) -> Path:
        cells = [cell(text) for text in cells_of("raise ValueError('x')", facts)]
        return write(folder, notebook(cells), name)

    return build


def _written(folder: Path, facts: Mapping[str, Any]) -> Path:
    """Written answers and attachments that hold pages and files of other kinds."""
    page = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))"
    cells: list[dict[str, Any]] = [
        cell(page, "markdown", nbgrader={"grade_id": "written_parameters", "grade": True}),
        cell("$$\\href{javascript:alert(1)}{x}$$ ![x](attachment:x.svg)", "markdown"),
    ]
    cells[0]["attachments"] = {
        "x.svg": {"image/svg+xml": "<svg onload=alert(1)>"},
        "x.png": {"image/png": "bm90IGEgcGljdHVyZQ=="},
        "../x.png": {"image/png": "bm90IGEgcGljdHVyZQ=="},
        "y.png": {"image/png": "not base64", "text/html": page},
    }
    code = [cell(text) for text in cells_of("raise ValueError('x')", facts)]
    return write(folder, notebook([*code, *cells]))


def _shown(folder: Path, facts: Mapping[str, Any]) -> Path:
    """Outputs of every kind that a page would show, in the file as it is handed in."""
    cells = [cell(text) for text in cells_of("raise ValueError('x')", facts)]
    cells[-1]["outputs"] = [
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {
                "text/html": "<script>alert(1)</script>",
                "image/svg+xml": "<svg onload=alert(1)>",
                "application/javascript": "alert(1)",
                "text/markdown": "[x](javascript:alert(1))",
                "application/vnd.jupyter.widget-view+json": {"model_id": "x"},
                "image/png": "bm90IGEgcGljdHVyZQ==",
            },
        },
        {"output_type": "stream", "name": "stdout", "text": "\x1b]0;owned\x07\x1b[2J"},
        {"output_type": "error", "ename": "<script>", "evalue": "x", "traceback": ["<script>"]},
    ]
    return write(folder, json.loads(json.dumps(notebook(cells, title="<script>alert(1)</script>"))))


ATTACKS = (
    Attack(
        "pages in exceptions",
        "Raises exceptions whose texts are scripts, frames, links and half of a page.",
        _SCRIPTS
        + """
def same_padding(kernel):
    raise ValueError(" ".join(texts))
def conv_output_size(*_, **__):
    raise type(texts[0], (Exception,), {})(texts[1])
raise RuntimeError("\\n".join(texts))
""",
    ),
    Attack(
        "pages in results",
        "Returns texts, types and keys that are scripts.",
        _SCRIPTS
        + """
same_padding = lambda kernel: texts[kernel % len(texts)]
conv_output_size = lambda *_, **__: type(texts[1], (), {})()
conv_cost = lambda *_, **__: (texts[0], {texts[1]: texts[2]}, 3)
receptive_field = lambda layers: texts
def conv1x1_forward(x, w, b):
    return texts[0]
""",
    ),
    Attack(
        "pages in source lines",
        "Fails in lines of source that are scripts, which messages quote.",
        """
def same_padding(kernel):
    raise ValueError  # <script>alert(1)</script><img src=x onerror=alert(1)>
"</pre><script>alert(1)</script>"; raise ValueError  # &lt;script&gt;
""",
    ),
    Attack(
        "pages in a syntax error",
        "Writes a script where Python is expected, so that the line is quoted.",
        "<script>alert(1)</script>\n",
        stumbles=True,
    ),
    Attack(
        "pages in outputs",
        "Prints and shows pages, and objects that describe themselves as pages.",
        _SCRIPTS
        + """
class Page:
    _repr_html_ = lambda self: texts[0]
    _repr_svg_ = lambda self: texts[3]
    _repr_javascript_ = lambda self: "alert(1)"
    _repr_mimebundle_ = lambda self, **_: {"text/html": texts[0]}
    _ipython_display_ = lambda self: print(texts[0])
    __repr__ = lambda self: texts[0]
print(texts)
from IPython.display import HTML, display
display(HTML(texts[0]), Page())
Page()
""",
    ),
    Attack(
        "pages forged in messages",
        "Sends scripts where the guest reports types, texts, places and lines of errors.",
        """
guest = sys.modules["worker.guest"]
page = "<script>alert(1)</script>"
error = {"type": page, "base": page, "message": page, "places": [page], "line": 7}
guest.Guest._call = lambda self, header, payload, out: {"output": page, "error": error}
guest.Guest._cell = lambda self, header, payload, out: {
    "output": page, "error": error, "shown": page, "figures": [], "number": None}
""",
    ),
    Attack(
        "figures that are no pictures",
        "Sends scripts and pages in the place of figures.",
        """
guest, wire = sys.modules["worker.guest"], sys.modules["worker.wire"]
def cell(self, header, payload, out):
    page = np.frombuffer(b"<svg onload=alert(1)><script>alert(1)</script>", np.uint8)
    return {"output": "", "error": None, "figures": [wire.encode(page, out)]}
guest.Guest._cell = cell
""",
    ),
    Attack(
        "codes for the terminal",
        "Raises texts that clear the screen, set titles, hide lines and make links.",
        """
codes = "\\x1b[2J\\x1b[H\\x1b]0;owned\\x07\\x1b]8;;http://127.0.0.1:9\\x07x\\x1b]8;;\\x07\\x1b[8m\\r\\x08\\x7f\\x9b2J\\x00"
def same_padding(kernel):
    raise ValueError(codes)
conv_output_size = lambda *_, **__: codes
def conv_cost(*_, **__):
    raise type("N\\x1b[2J", (Exception,), {})
raise RuntimeError("91 of 91 points\\r" + codes)
""",
    ),
    Attack(
        "lines of a report in a message",
        "Raises texts that look like the report's own lines, with line breaks of every kind.",
        """
line = "91 of 91 points (sandbox: bubblewrap)"
breaks = ["\\n", "\\r", "\\x0b", "\\x0c", "\\x1c", "\\x85", "\\u2028", "\\u2029"]
def same_padding(kernel):
    raise ValueError("".join(b + line for b in breaks))
raise ValueError("".join(b + line for b in breaks))
""",
    ),
    Attack(
        "letters that look alike",
        "Raises texts with bidirectional controls, invisible characters and endless accents.",
        """
def same_padding(kernel):
    raise ValueError("\\u202epassed\\u2066\\u200b\\ufeff" + "a" + "\\u0301" * 1500)
conv_output_size = lambda *_, **__: "\\u202e19 fo 19"
""",
    ),
    Attack(
        "formulas for tables",
        "Raises and returns texts that a table would compute.",
        """
def same_padding(kernel):
    raise ValueError("=HYPERLINK(\\"http://127.0.0.1:9\\",\\"x\\")")
conv_output_size = lambda *_, **__: "=1+1"
receptive_field = lambda layers: "@SUM(1)"
conv_cost = lambda *_, **__: "+cmd|' /C calc'!A0"
""",
    ),
    Attack(
        "a script as a file's name",
        "Names its file like a page.",
        _named("<script>alert(1)<x>.ipynb"),
    ),
    Attack(
        "a file's name that is no text",
        "Names its file with a line break, escape codes and right-to-left marks.",
        _named("a\n91 of 91\x1b[2J\u202egpj.ipynb"),
    ),
    Attack(
        "a file's name of broken bytes",
        "Names its file with bytes that are no text in any encoding.",
        _named("a\udcff\udcfe.ipynb"),
    ),
    Attack(
        "a formula as a file's name", "Names its file like a formula.", _named("=1+1,'x'.ipynb")
    ),
    Attack(
        "an unreadable file with a page for a name",
        "Names a file like a page that cannot be read, so that the message quotes the name.",
        lambda folder, facts: write(folder, b"{", "<img src=x onerror=alert(1)>\x1b[2J.ipynb"),
        status="unreadable",
    ),
    Attack(
        "an unreadable file that quotes a page",
        "Writes a page into what the message about an unreadable file may quote: keys and versions.",
        lambda folder, facts: write(
            folder,
            b'{"nbformat": 4, "<script>alert(1)</script>": 1, "<script>alert(1)</script>": 2}',
        ),
        status="unreadable",
    ),
    Attack(
        "pages in written answers",
        "Writes scripts and pictures that are none into answers.",
        _written,
    ),
    Attack("pages in stored outputs", "Hands in outputs that a page would run.", _shown),
)
