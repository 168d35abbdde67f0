"""The site is built strictly, is whole, and asks nobody else for anything."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import autograder
from autograder import cli, nbgrader_plugin
from autograder.assignments import all_assignments
from autograder.report import SCHEMA_FILE
from browsing import browser

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@functools.cache
def page_of(site: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")


ADDRESS = re.compile(r"(?:https?:)?//[\w.-]+\.\w+", re.IGNORECASE)
NAMESPACE = "http://www.w3.org/"


def test_nothing_but_links_names_another_host(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    for path in pages:
        for tag in page_of(site, str(path.relative_to(site))).find_all(True):
            for attribute, value in tag.attrs.items():
                if (tag.name, attribute) == ("a", "href") or str(value).startswith(NAMESPACE):
                    continue
                assert not ADDRESS.search(str(value)), f"{path.name}: {tag.name} {attribute}"
            if tag.name == "style" or tag.get("style"):
                assert not ADDRESS.search(f"{tag.string or ''} {tag.get('style', '')}"), path
    for path in sorted(site.rglob("*.css")):
        for target in re.findall(r"(?:url\(|@import)\s*['\"]?([^)'\";]+)", path.read_text()):
            assert target.startswith("data:") or not ADDRESS.match(target), f"{path}: {target}"


def test_links_within_the_site_lead_somewhere(site: Path) -> None:
    for path in sorted(site.rglob("*.html")):
        for link in page_of(site, str(path.relative_to(site))).find_all("a", href=True):
            target, _, anchor = str(link["href"]).partition("#")
            if ADDRESS.match(target) or path.name == "404.html":
                continue
            there = (path.parent / target).resolve() if target else path
            there = there / "index.html" if there.is_dir() else there
            assert there.exists(), f"{path.name}: {link['href']}"
            if anchor and there.suffix == ".html":
                found = page_of(site, str(there.relative_to(site))).find(id=anchor)
                assert found is not None or anchor == "__skip", f"{path.name}: {link['href']}"


def test_a_browser_asks_only_the_site(site: Path) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        asked: list[str] = []
        said: list[str] = []
        with browser() as running:
            for scheme in ("light", "dark"):
                opened = running.new_page(color_scheme=scheme)
                opened.on("request", lambda request: asked.append(request.url))
                opened.on("pageerror", lambda error: said.append(str(error)))
                for name in ("index.html", "first-course.html", "command-line.html"):
                    opened.goto(f"{address}/{name}", wait_until="networkidle")
                    wide = "document.documentElement.scrollWidth - window.innerWidth"
                    assert opened.evaluate(wide) <= 0, name
                opened.locator("input.md-search__input").press_sequentially("sandbox")
                opened.locator(".md-search-result__item").first.wait_for()
            server.shutdown()
    assert said == []
    assert asked
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


def test_generated_pages_are_whole(site: Path) -> None:
    headings = {
        name: {
            re.sub(r"\W+$", "", heading.get_text())
            for heading in page_of(site, f"{name}.html").find_all(["h2", "h3"])
        }
        for name in ("command-line", "python", "report", "tasks")
    }
    (action,) = (a for a in cli._parser()._actions if isinstance(a.choices, dict))
    commands = {f"autograder {name}" for name in action.choices}
    assert {*commands, "autograder export junit"} <= headings["command-line"]
    assert set(autograder.__all__) <= headings["python"]
    assert {a.name for a in all_assignments()} <= headings["tasks"]
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert set(schema["$defs"]) <= headings["report"]
    text = page_of(site, "report.html").get_text()
    for part in (schema, *schema["$defs"].values()):
        assert all(name in text for name in part.get("properties", ()))


def test_marks_for_the_test_of_commands_are_not_shown(site: Path) -> None:
    assert "```sh notest: " in (ROOT / "docs/first-course.md").read_text()
    for path in site.glob("*.html"):
        if path.name != "contributing.html":  # which explains them
            assert "notest" not in path.read_text(encoding="utf-8"), path.name


def test_home_and_readme_say_the_same() -> None:
    readme, home = (
        [line for line in (ROOT / page).read_text().splitlines() if line.startswith("| **a")]
        for page in ("README.md", "docs/index.md")
    )
    assert len(home) == 3
    assert home == readme


def test_configuration_names_every_option_of_ours() -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    options = nbgrader_plugin.GradeInSandbox.class_own_traits(config=True)
    assert options
    for name in options:
        assert f"`c.GradeInSandbox.{name}`" in text
    read = {
        name
        for path in (ROOT / "autograder").rglob("*.py")
        for name in re.findall(r'environ\.get\("(AUTOGRADER_\w+)"', path.read_text())
    }
    assert read
    for name in read:
        assert f"| `{name}` |" in text
