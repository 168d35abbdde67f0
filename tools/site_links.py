"""A hook of MkDocs: files of the repository that pages link to become part of the site.

Pages are written so that their links work where the repository is browsed. ``docs/`` is the site's
root, README.md its home, CONTRIBUTING.md a page; whatever else a page links to is copied to
``repository/``, so that no link leads out of the site. Words that only the test of the commands
reads (``sh notest: ...`` above a block) are taken away.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
PLACES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md"}
LINK = re.compile(r"(?<=\]\()([^)#\s]+)")
FOR_TESTS = re.compile(r"^(```[a-z]+) notest: .*$", re.MULTILINE)


def place(path: str) -> str:
    """Where in the site the repository's file ``path`` is."""
    if path in PLACES:
        return PLACES[path]
    return path.removeprefix("docs/") if path.startswith("docs/") else f"repository/{path}"


def origin(uri: str) -> str:
    """The file of the repository that the site's ``uri`` comes from."""
    for path, there in PLACES.items():
        if uri == there and not (ROOT / "docs" / uri).exists():
            return path
    return uri.removeprefix("repository/") if uri.startswith("repository/") else f"docs/{uri}"


def linked(markdown: str, path: str) -> Iterator[tuple[str, str]]:
    """Links of the page ``path`` to files of the repository: as written, and from its root."""
    for target in LINK.findall(markdown):
        found = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if not found.startswith("..") and (ROOT / found).is_file():
            yield target, found


def on_files(files: Files, config: Any) -> Files:
    """Add the pages and files outside ``docs/``."""
    waiting = [*(f"docs/{file.src_uri}" for file in files.documentation_pages()), "CONTRIBUTING.md"]
    waiting = [path for path in waiting if (ROOT / path).is_file()]
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        uri = place(path)
        if files.get_file_from_path(uri) is None:
            files.append(File.generated(config, uri, abs_src_path=str(ROOT / path)))
        if path.endswith(".md"):
            for _, found in linked((ROOT / path).read_text(encoding="utf-8"), path):
                if found not in seen:
                    seen.add(found)
                    waiting.append(found)
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let links lead to where files are in the site."""
    uri = page.file.src_uri
    for target, found in set(linked(markdown, origin(uri))):
        there = posixpath.relpath(place(found), posixpath.dirname(uri) or ".")
        markdown = re.sub(rf"(?<=\]\(){re.escape(target)}(?=[)#])", there, markdown)
    return FOR_TESTS.sub(r"\1", markdown)
