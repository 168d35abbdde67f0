"""Take out of notebooks what varies from run to run: ``tools/clean_notebooks.py NOTEBOOK ...``

Outputs, execution counts, and metadata that neither nbgrader nor the kit reads. Writes a notebook
only where that changes it, names it, and then ends with exit code 1, as pre-commit expects.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat

from autograder.release import CELL_METADATA, NOTEBOOK_METADATA

KEPT = (*CELL_METADATA, "deletable", "editable")
"""Of a cell's metadata: what the kit and nbgrader read, and the locks that nbgrader sets."""


def cleaned(text: str) -> str:
    """The notebook ``text`` without outputs; nbgrader's metadata stay as they are."""
    notebook = nbformat.reads(text, as_version=4)
    kept = {key: notebook.metadata[key] for key in ("autograder",) if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA | kept)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {key: value for key, value in cell.metadata.items() if key in KEPT}
        )
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def main() -> int:
    changed = False
    for path in map(Path, sys.argv[1:]):
        before = path.read_text(encoding="utf-8")
        after = cleaned(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"cleaned: {path}")
            changed = True
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
