"""What students wrote is shown, never run: in feedback, in formgrader, in our pages, in tables."""

from __future__ import annotations

import base64
import html.parser
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import browsing
from autograder import nbgrader_plugin
from autograder.exports.html import report_html
from autograder.exports.text import report_text
from test_nbgrader import RIGHT, Course

ROOT = Path(__file__).parent.parent
# Each sets a flag in the page if it runs, or asks a host that is nowhere.
RUN = "void(window.pwned=(window.pwned||'')+'{n},')"
HOST = "http://attacker.invalid"

MARKDOWN = [
    "<script>{run}</script>",
    "<img src=x onerror=\"{run}\">",
    "<svg onload=\"{run}\"></svg>",
    "<svg><script>{run}</script></svg>",
    "<iframe srcdoc=\"<script>parent.{run}</script>\"></iframe>",
    "<iframe src='javascript:parent.{run}'></iframe>",
    "<meta http-equiv=refresh content='0;url={host}/meta'>",
    "<style>@import '{host}/style.css'; body{{background:url({host}/bg)}}</style>",
    "<link rel=stylesheet href={host}/link.css>",
    "<base href='{host}/'>",
    "<form action={host}/form><button>press</button></form>",
    "<input onfocus=\"{run}\" autofocus>",
    "<details open ontoggle=\"{run}\"><summary>open</summary></details>",
    "<math><a xlink:href=\"javascript:{run}\">press</a></math>",
    "<noscript><p title=\"</noscript><img src=x onerror={run}>\">",
    "<a href=\"javascript:{run}\">press</a>",
    "[press](javascript:{run})",
    "[press](JaVaScRiPt:{run})",
    "[press](javascript&colon;{run})",
    "[press](java&#115;cript:{run})",
    "[press](<javascript:{run}>)",
    "[press](javascript\\:{run})",
    "[press](<java\tscript:{run}>)",
    "[press](java&Tab;script:{run})",
    "[press](&#x6A;avascript&#58;{run})",
    "> [press][quoted]\n>\n> [quoted]:\n> javascript:{run}",
    "[press]( \n javascript:{run} )",
    "[a [b]](javascript:{run})",
    "[![press](x)](javascript:{run})",
    "[press](data:text/html,<script>{run}</script>)",
    "[press][ref]\n\n[ref]: javascript:{run}",
    "![x](x\"onerror=\"{run})",
    "![x](data:image/svg+xml;base64,{svg})",
    "<javascript:{run}>",
    "`<img src=x onerror=\"{run}\">`",
    "```html\n<script>{run}</script>\n```",
    "$\\href{{javascript:{run}}}{{press}}$",
    "$$\\require{{html}}\\href{{javascript:{run}}}{{press}}\\class{{x}}{{y}}$$",
    "<p onclick=\"{run}\">press</p>",
    "<p style=\"position:fixed;top:0;left:0;width:100%;height:100%\" onmouseover=\"{run}\">x</p>",
    "<!--><script>{run}</script>-->",
    "<scr<script>ipt>{run}</scr</script>ipt>",
    "&lt;script&gt;{run}&lt;/script&gt;",
    "<template><script>{run}</script></template><object data=\"javascript:{run}\"></object>",
]  # fmt: skip

OUTPUT = [
    "print('<script>{run}</script>')",
    "raise ValueError('<img src=x onerror=\"{run}\">')",
    "from IPython.display import HTML\nHTML('<script>{run}</script>')",
    "class Evil:\n    def _repr_html_(self):\n        return '<script>{run}</script>'\n"
    "    def __repr__(self):\n        return '<img src=x onerror=\"{run}\">'\nEvil()",
    "print('\\x1b]8;;javascript:{run}\\x1b\\\\press\\x1b]8;;\\x1b\\\\')",
    "'</pre></div></script><script>{run}</script>'",
]


def payload(text: str, number: int) -> str:
    run = RUN.format(n=number)
    svg = base64.b64encode(
        f'<svg xmlns="http://www.w3.org/2000/svg" onload="{run}"/>'.encode()
    ).decode()
    return text.format(run=run, host=HOST, svg=svg)


def hostile_cells() -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    for number, text in enumerate(MARKDOWN):
        cells.append({
            "cell_type": "markdown", "metadata": {"tags": ["</script><script>alert(1)</script>"]},
            "source": payload(text, number), "id": f"evil-{number}",
            "attachments": {"a.svg": {"image/svg+xml": payload("{svg}", number)}},
        })  # fmt: skip
    for number, text in enumerate(OUTPUT, len(MARKDOWN)):
        source = payload(text, number)
        output = {
            "output_type": "display_data",
            "metadata": {},
            "data": {
                "text/html": f"<script>{RUN.format(n=number)}</script>",
                "application/javascript": RUN.format(n=number),
                "image/svg+xml": payload('<svg onload="{run}"/>', number),
                "image/png": f'"><script>{RUN.format(n=number)}</script>',
            },
        }
        cells.append({
            "cell_type": "code", "metadata": {"tags": ["x"]}, "source": source,
            "execution_count": 1, "outputs": [output], "id": f"evil-{number}",
        })  # fmt: skip
    return cells


def hostile(notebook: dict[str, Any]) -> None:
    evil = "</script><script>window.pwned='metadata'</script>"
    notebook["metadata"] |= {
        "title": evil,
        "kernelspec": {"name": evil, "display_name": evil, "language": evil},
        "language_info": {"name": evil, "pygments_lexer": evil, "codemirror_mode": evil},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a": evil}}},
    }
    notebook["cells"] += hostile_cells()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course in which one student attacks the reader; graded, with feedback."""
    made = Course(tmp_path_factory.mktemp("hostile"))
    written = "\n\n".join(payload(text, number) for number, text in enumerate(MARKDOWN))
    wrong = f"def same_padding(kernel):\n    raise TypeError({payload(MARKDOWN[0], 99)!r})"
    made.submit("eve", hostile, {**RIGHT, "same_padding-code": wrong, "written_filters": written})
    made.autograde("eve")
    result = made.api.generate_feedback("convolution", "eve")
    assert result["success"], result["log"]
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browsing.browser() as running:
        yield running


# What a page may ask for by itself: its own libraries. None of it depends on a submission.
LIBRARIES = ("cdnjs.cloudflare.com", "cdn.jsdelivr.net", "unpkg.com")


def opened(browser: Any, address: str) -> tuple[Any, list[str]]:
    """Open ``address``, press everything that can be pressed; the page and what it asked for."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialog.dismiss())
    own = address.split("?")[0].rsplit("/", 1)[0]
    page.route(
        lambda url: not url.startswith((own, "http://127.0.0.1", "data:", "blob:")),
        lambda route: route.abort(),
    )
    page.goto(address, wait_until="load", timeout=60_000)
    page.wait_for_timeout(500)
    page.evaluate(
        """() => {
            const all = document.querySelectorAll('a, button, p, summary, input, math *');
            for (const element of all) {
                // A link that leads somewhere else runs nothing here, and would end the test.
                if (['http:', 'https:', 'file:'].includes(element.protocol)) continue;
                if (element.closest('form, nav, .navbar, [data-own]')) continue;
                for (const kind of ['mouseover', 'focus', 'click'])
                    element.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true}));
            }
        }"""
    )
    page.wait_for_timeout(300)
    return page, asked


def ran(page: Any) -> str:
    return str(page.evaluate("() => window.pwned || ''"))


def outside(asked: list[str]) -> list[str]:
    return [
        url
        for url in asked
        if not url.startswith(("file:", "data:", "blob:", "http://127.0.0.1"))
        and not any(f"//{host}/" in url for host in LIBRARIES)
    ]


def links(page: Any) -> list[str]:
    """Addresses in the page that are code, as the browser resolves them."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('*')].flatMap(element =>
            ['href', 'src', 'action', 'data', 'formaction', 'xlink:href']
                .filter(name => element.hasAttribute(name))
                .map(name => {
                    try { return new URL(element.getAttribute(name), document.baseURI).href }
                    catch { return '' }
                }))"""
    )
    return [link for link in found if link.startswith(("javascript:", "vbscript:", "data:text"))]


def test_feedback_of_a_hostile_notebook_runs_nothing(course: Course, browser: Any) -> None:
    path = course.root / "feedback/eve/convolution/convolution.html"
    page, asked = opened(browser, path.as_uri())
    assert ran(page) == ""
    assert outside(asked) == []
    assert links(page) == []
    assert "attacker.invalid" in page.content()  # it is shown
    page.close()


@pytest.fixture(scope="module")
def formgrader(course: Course) -> Iterator[str]:
    """The address of a formgrader on the course."""
    config = course.root / "nbgrader_config.py"
    config.write_text(
        "from autograder import nbgrader_plugin\n"
        "c = get_config()\n"
        f"c.CourseDirectory.root = {str(course.root)!r}\n"
        "c.CourseDirectory.course_id = 'test'\n"
        f"c.CourseDirectory.db_url = 'sqlite:///{course.root}/gradebook.db'\n"
        f"c.Exchange.root = {str(course.root / 'exchange')!r}\n"
        "nbgrader_plugin.configure(c)\n"
    )
    home = course.root / "jupyter"
    folders = {
        name: str(home / name) for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    environment = {**os.environ, **folders, "JUPYTER_CONFIG_DIR": str(course.root)}
    extensions = "{'nbgrader.server_extensions.formgrader': True}"
    options = [f"--ServerApp.jpserver_extensions={extensions}"]
    with browsing.server(
        "jupyter_server", options, "/formgrader", environment, course.root
    ) as address:
        yield address


def test_formgrader_shows_a_hostile_notebook_and_runs_nothing(
    course: Course, formgrader: str, browser: Any
) -> None:
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission_notebook("convolution", "convolution", "eve").id
    page, asked = opened(browser, f"{formgrader}/formgrader/submissions/{submission}/?index=0")
    assert "attacker.invalid" in page.content(), page.content()[:2000]
    assert ran(page) == ""
    assert outside(asked) == []
    assert links(page) == []
    page.close()


def test_the_payloads_are_real(tmp_path: Path, browser: Any) -> None:
    """Stock nbconvert, without cleaning, runs many of them: the tests above can fail."""
    import nbformat
    from nbconvert import HTMLExporter

    cells = [
        nbformat.v4.new_markdown_cell(payload(text, number))
        for number, text in enumerate(MARKDOWN)
        if "meta" not in text and "base" not in text
    ]
    body, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    path = tmp_path / "stock.html"
    path.write_text(body)
    page, asked = opened(browser, path.as_uri())
    assert len(set(ran(page).split(","))) >= 12
    assert any("attacker.invalid" in url for url in asked)
    page.close()


def test_our_own_page_runs_nothing(course: Course, tmp_path: Path, browser: Any) -> None:
    report = course.report("eve")
    path = tmp_path / "report.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{report_html(report)}")
    page, asked = opened(browser, path.as_uri())
    assert ran(page) == ""
    assert outside(asked) == []
    page.close()


class Active(html.parser.HTMLParser):
    """Collects what a page could run or ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "link", "meta", "base", "form", "svg"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript"):
                self.found.append(f"{tag} {name}")


def test_the_report_has_no_active_content_and_no_escapes(course: Course) -> None:
    report = course.report("eve")
    parser = Active()
    parser.feed(report_html(report))
    assert parser.found == []
    for text in (report_text(report), report.to_json()):
        assert "\x1b" not in text
        assert "\\u001b" not in text


@pytest.mark.parametrize(
    "text",
    [
        "The weights $w \\cdot x < 3$ and `a < b && c`, at 5 & 6.",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "See [the paper](https://arxiv.org/abs/1603.07285), and <b>this</b>.",
        "![plot](attachment:plot.png) ![small](data:image/png;base64,AAAA)",
        "$\\frac{1}{2} \\sum_i x_i \\text{ where } \\mathrm{styled}$",
        "caf&eacute; &mdash; &lt;b&gt; &amp; more",
    ],
)
def test_honest_markdown_stays_as_it_is(text: str) -> None:
    assert nbgrader_plugin._harmless(text) == text


def test_what_is_kept_of_a_submission_holds_none_of_its_outputs(course: Course) -> None:
    path = course.root / "autograded/eve/convolution/convolution.ipynb"
    kept = json.loads(path.read_text())
    kinds = {
        kind
        for cell in kept["cells"]
        for output in cell.get("outputs", ())
        for kind in output.get("data", {})
    }
    assert kinds <= {"text/plain", "text/html", "image/png"}
    assert not any(".svg" in name for cell in kept["cells"] for name in cell.get("attachments", ()))
    assert "pwned" not in json.dumps(kept["metadata"])
    assert all("script" not in json.dumps(cell["metadata"]) for cell in kept["cells"])
