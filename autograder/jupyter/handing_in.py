"""``submit_check``: is this notebook ready to be handed in?"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..handing_in import Readiness, examine
from ..handing_in.words import readiness_html, readiness_words
from ..notebook import Notebook, UnreadableNotebook, read
from ..worker.host import open_sandbox
from ..worker.sandbox import SandboxError

__all__ = ["HandInCheck", "notebook_path", "submit_check", "unsaved"]

BUTTON = "Check what I will hand in"
_ASK = (
    "submit_check cannot tell which file this notebook is. Save it, and type its name: "
    'submit_check("{example}")'
)
_DEFINITION = re.compile(r"^def[ \t]+(\w+)", re.MULTILINE)


class HandInCheck:
    """What :func:`submit_check` returns: the outcome, rich in a notebook, in words elsewhere."""

    def __init__(self, found: Readiness | None, remark: str = "") -> None:
        self.found = found
        self.remark = remark

    def __repr__(self) -> str:
        if self.found is None:
            return self.remark
        words = readiness_words(self.found)
        return f"! {self.remark}\n\n{words}" if self.remark else words

    def _repr_html_(self) -> str | None:
        # Without an outcome there is one sentence, which looks the same either way.
        return None if self.found is None else readiness_html(self.found, self.remark)


def submit_check(path: str | os.PathLike[str] | None = None) -> HandInCheck | None:
    """Say whether this notebook, as it is saved, is ready to be handed in.

    The file is run from top to bottom in a clean worker, as grading will, and what would break
    there is told; it is what ``autograder submit-check`` says. Save the notebook first. Where there
    is a front end with widgets, a button appears that does it; elsewhere it is done at once.
    ``path`` is the notebook's file, where it cannot be found out. Raises ``FileNotFoundError`` for
    a path that does not exist.
    """
    shell = _shell()
    namespace: dict[str, Any] = shell.user_ns if shell is not None else {}
    if path is not None and not Path(path).is_file():
        raise FileNotFoundError(f"there is no notebook {path}; give the path of this one")
    if path is None and _has_front_end(namespace) and _show_button(namespace):
        return None
    return _outcome(path, namespace)


def _outcome(path: str | os.PathLike[str] | None, namespace: Mapping[str, Any]) -> HandInCheck:
    file = Path(path) if path is not None else notebook_path(namespace)
    if file is None:
        return HandInCheck(None, _ASK.format(example="convolution.ipynb"))
    history = _history()
    try:
        with open_sandbox("process") as box:
            found = examine(file, box, history=history)
    except SandboxError as error:
        found = examine(file, None)
        return HandInCheck(found, str(error))
    try:
        remark = unsaved(read(file), history, file.stat().st_mtime, time.time())
    except UnreadableNotebook:
        remark = ""
    return HandInCheck(found, remark)


def notebook_path(namespace: Mapping[str, Any]) -> Path | None:
    """The file of the notebook that this kernel belongs to, None where nothing tells.

    VS Code puts it into the namespace; Jupyter's server names it to the kernel that it starts, once
    and for all, so it is of no use after the notebook was renamed.
    """
    for told in (namespace.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")):
        if isinstance(told, str) and told.endswith(".ipynb") and Path(told).is_file():
            return Path(told)
    return None


def unsaved(notebook: Notebook, history: Sequence[str], saved: float, now: float) -> str:
    """Why the file may not be what stands in the open notebook, in a sentence; '' if all is well.

    ``history`` is what the kernel has run, as it was typed; what ran is compared with what is
    saved: the cell that runs now, and of each function the cell that defined it last. What was
    typed and not run cannot be known.
    """
    held = {cell.source.strip() for cell in notebook.cells}
    ago = max(0, round((now - saved) / 60))
    when = f"It was saved {ago} minutes ago." if ago != 1 else "It was saved a minute ago."
    again = f"{when} Save the notebook (Ctrl+S or ⌘S) and check again."
    if history and history[-1].strip() and history[-1].strip() not in held:
        return f"The saved file does not hold the cell that you are running. {again}"
    latest = {name: source for source in history for name in _DEFINITION.findall(source)}
    code = [cell.source for cell in notebook.cells if cell.kind == "code"]
    for name in sorted({name for source in code for name in _DEFINITION.findall(source)}):
        if name in latest and latest[name].strip() not in held:
            return (
                f"What you ran as {name} is not what the saved file holds: either you changed the "
                f"cell and did not run it again, or the file is older than your notebook. {again}"
            )
    return ""


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()


def _history() -> Sequence[str]:
    """What this kernel has run, by execution count, as it was typed."""
    shell = _shell()
    if shell is None:
        return ()
    return [str(source) for source in shell.history_manager.input_hist_raw]


def _has_front_end(namespace: Mapping[str, Any]) -> bool:
    """Whether somebody looks: a server's session or VS Code, and no run by a program."""
    return bool(os.environ.get("JPY_SESSION_NAME") or namespace.get("__vsc_ipynb_file__"))


def _show_button(namespace: Mapping[str, Any]) -> bool:
    """Show a button that checks when it is pressed; whether that was possible."""
    try:
        import ipywidgets as widgets
        from IPython.display import display
    except ImportError:
        return False
    button = widgets.Button(
        description=BUTTON,
        tooltip="Runs the saved notebook from top to bottom, as grading will",
        icon="check",
        layout=widgets.Layout(width="auto", align_self="flex-start"),
    )
    output = widgets.Output()

    def press(_: Any) -> None:
        button.disabled, button.description = True, "Running the saved notebook …"
        output.clear_output(wait=True)
        try:
            with output:
                display(_outcome(None, namespace))
        finally:
            button.disabled, button.description = False, BUTTON

    button.on_click(press)
    display(widgets.VBox([button, output]))
    return True
