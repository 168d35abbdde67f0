"""Tricks of the notebook itself: its cells, their order and metadata, its JSON, its bytes."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .attack import Attack, Build, cell, cells_of, notebook, write

ROOT = Path(__file__).parents[2]
RELEASE = ROOT / "assignments" / "convolution" / "convolution.ipynb"

Change = Callable[[dict[str, Any]], None]


def _released(change: Change) -> Build:
    """The student's notebook as it is handed out, nothing solved, after ``change``."""

    def build(folder: Path, facts: Mapping[str, Any]) -> Path:
        content = json.loads(RELEASE.read_text())
        # The cells between the tasks draw pictures, which takes time and matters to no attack.
        content["cells"] = [c for c in content["cells"] if "nbgrader" in c["metadata"]]
        change(content)
        return write(folder, content)

    return build


def _bytes(make: Callable[[dict[str, Any]], bytes], name: str = "attack.ipynb") -> Build:
    """A small notebook in bytes of its own."""

    def build(folder: Path, facts: Mapping[str, Any]) -> Path:
        return write(folder, make(notebook(list(map(cell, cells_of("", facts))))), name)

    return build


def _text(text: str) -> Build:
    return lambda folder, facts: write(folder, text.encode())


def _graders(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [c for c in content["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]


def _deleted(content: dict[str, Any]) -> None:
    graders = _graders(content)
    content["cells"] = [c for c in content["cells"] if c not in graders]


def _doubled(content: dict[str, Any]) -> None:
    content["cells"] += copy.deepcopy(content["cells"])


def _moved(content: dict[str, Any]) -> None:
    content["cells"].reverse()


def _edited(content: dict[str, Any]) -> None:
    for one in _graders(content):
        if one["cell_type"] == "code":
            one["source"] = "print('passed')\n100"
            one["outputs"] = [
                {
                    "output_type": "execute_result",
                    "data": {"text/plain": "100"},
                    "execution_count": 1,
                    "metadata": {},
                }
            ]


def _worth_more(content: dict[str, Any]) -> None:
    for one in content["cells"]:
        one["metadata"]["nbgrader"] |= {
            "points": 10_000,
            "checksum": "0" * 32,
            "schema_version": 99,
        }
    content["metadata"]["points"] = 91


def _strange_points(content: dict[str, Any]) -> None:
    values = [-5, 1e308, "91", None, [91], {"points": 91}, True, 10**400]
    for number, one in enumerate(_graders(content)):
        one["metadata"]["nbgrader"]["points"] = values[number % len(values)]


def _strange_flags(content: dict[str, Any]) -> None:
    for one in content["cells"]:
        one["metadata"]["nbgrader"] |= {
            "grade": False, "solution": False, "locked": "no", "task": 1, "cell_type": "raw"
        }  # fmt: skip


def _skipped(content: dict[str, Any]) -> None:
    for one in _graders(content):
        one["metadata"]["tags"] = [
            "skip-execution",
            "raises-exception",
            "experiment",
            "remove-cell",
        ]


def _raw(content: dict[str, Any]) -> None:
    for one in content["cells"]:
        one["cell_type"] = "raw"
        one.pop("outputs", None)
        one.pop("execution_count", None)


def _ids(content: dict[str, Any]) -> None:
    for one in content["cells"]:
        one["id"] = "same"


def _hostile_ids(content: dict[str, Any]) -> None:
    names = [
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "a\nb",
        "\u202egpj.exe",
        "\x1b[2J",
        "x" * 5000,
    ]
    for number, one in enumerate(content["cells"]):
        one["id"] = names[number % len(names)]
        one["metadata"]["nbgrader"]["grade_id"] = names[number % len(names)]
        if one["cell_type"] == "code":
            one["source"] = "1 / 0\ndef same_padding(kernel): pass"


def _other_kernel(content: dict[str, Any]) -> None:
    content["metadata"]["kernelspec"] = {
        "name": "bash", "display_name": "bash", "language": "bash",
        "argv": ["/bin/sh", "-c", "touch /tmp/intruder-kernel"],
    }  # fmt: skip
    content["metadata"]["language_info"] = {"name": "bash", "file_extension": ".sh"}
    content["metadata"]["jupytext"] = {
        "formats": "ipynb,py:percent",
        "notebook_metadata_filter": "all",
    }


def _magic(source: str) -> str:
    return source + "\ndef receptive_field(layers):\n    return 1\n"


_MARK = '"TAK" + "EN: "'

ATTACKS = (
    Attack("grade cells deleted", "Hands in a notebook without its tests.", _released(_deleted)),
    Attack(
        "grade cells doubled",
        "Hands every cell in twice, with the same names.",
        _released(_doubled),
    ),
    Attack("grade cells moved", "Turns the order of all cells around.", _released(_moved)),
    Attack(
        "grade cells edited",
        "Writes a number above the maximum into every test, as source and as output.",
        _released(_edited),
    ),
    Attack(
        "tasks worth more",
        "Raises the points in the metadata and forges the checksums beside them.",
        _released(_worth_more),
    ),
    Attack(
        "points that are no numbers",
        "Writes negative, huge, missing and nested points into the metadata.",
        _released(_strange_points),
    ),
    Attack(
        "flags that say no test",
        "Clears the flags that make a cell a test, and the types of the cells.",
        _released(_strange_flags),
    ),
    Attack(
        "tests tagged to be skipped",
        "Tags the tests as what tools leave out: skip-execution, raises-exception, experiment.",
        _released(_skipped),
    ),
    Attack(
        "cells turned to raw text", "Makes all cells raw, so that nothing runs.", _released(_raw)
    ),
    Attack("one id for all cells", "Gives all cells the same id.", _released(_ids)),
    Attack(
        "ids that are paths and pages",
        "Puts paths, tags, line breaks and escape codes into the names of cells that fail.",
        _released(_hostile_ids),
    ),
    Attack(
        "a kernel of another language",
        "Names a kernel whose start would run a shell.",
        _released(_other_kernel),
    ),
    Attack(
        "shell magics",
        "Runs shell commands by the notebook's own signs for them.",
        _magic(
            "!touch /tmp/intruder-shell\n"
            "names = !cat /etc/passwd\n"
            "if names: got(names)\n"
            "!!id\n%sx id\n%system id\n%alias_magic x sx\n%cd /\n%env LEFT=1\n%pip install x\n"
        ),
    ),
    Attack(
        "a cell for bash",
        "Hands a whole cell to bash.",
        "%%bash\ntouch /tmp/intruder-bash\nexit 0\n",
    ),
    Attack(
        "a cell for a script",
        "Hands a whole cell to a program.",
        "%%script sh\ntouch /tmp/intruder-sh\n",
    ),
    Attack(
        "a cell that is a file",
        "Writes a cell into a file outside.",
        "%%writefile /tmp/intruder-file\nleft\n",
    ),
    Attack(
        "a file that is run",
        "Runs and loads files by magics, from paths and from addresses.",
        _magic(
            "%run /etc/passwd\n%load /etc/passwd\n%loadpy http://127.0.0.1:9/x.py\n%pycat /etc/passwd\n"
        ),
    ),
    Attack(
        "magics by their functions",
        "Calls what magics are made of: get_ipython, its system and its run_cell.",
        """
shell = get_ipython() if "get_ipython" in globals() else None
if shell:
    for name in ("system", "getoutput", "run_line_magic", "run_cell_magic", "run_cell", "ex", "safe_execfile"):
        result = attempt(getattr(shell, name), "touch /tmp/intruder-call", "")
        if result:
            got(result)
    print(shell.user_ns, shell.kernel, shell.config)
""",
    ),
    Attack(
        "magics that hold code",
        "Runs its attack inside %%time, %%capture and %%prun, whose code is run.",
        f"%%capture\nopen('/etc/passwd').read() and print({_MARK}, 'the password file')\n",
        process="files of the machine can be read",
    ),
    Attack(
        "source that only looks like magic",
        "Starts lines with percent and exclamation marks inside strings and brackets.",
        _magic(
            'text = """\n%bash\n!touch /tmp/intruder-text\n"""\nvalue = (7\n% 3)\nprint(value)\n?\n'
        ),
        stumbles=True,
    ),
    Attack("an empty file", "Hands in nothing.", _text(""), status="unreadable"),
    Attack("not JSON", "Hands in a text.", _text("all checks passed"), status="unreadable"),
    Attack("JSON of another kind", "Hands in a list.", _text("[91]"), status="unreadable"),
    Attack(
        "JSON nested without end",
        "Nests a hundred thousand lists.",
        _text('{"a":' + "[" * 100_000 + "]" * 100_000 + "}"),
        status="unreadable",
    ),
    Attack(
        "nesting below the parser's limit",
        "Nests lists just so deeply that they are read, in metadata and outputs.",
        _bytes(
            lambda nb: (
                json.dumps(nb)
                .replace('"metadata": {}', '"metadata": {"a":' + "[" * 500 + "]" * 500 + "}")
                .encode()
            )
        ),
        status="unreadable",
    ),
    Attack(
        "numbers that are none",
        "Writes NaN, infinity and numbers of thousands of digits as versions, points and counts.",
        _bytes(
            lambda nb: (
                json.dumps(nb)
                .replace('"nbformat_minor": 5', '"nbformat_minor": 5, "x": [NaN, -Infinity, 1e999]')
                .encode()
            )
        ),
    ),
    Attack(
        "a version of five thousand digits",
        "Writes a number into the JSON that takes Python long to read.",
        _bytes(
            lambda nb: (
                json.dumps(nb).replace('"nbformat": 4', '"nbformat": 4' + "0" * 5000).encode()
            )
        ),
        status="unreadable",
    ),
    Attack(
        "the same key twice",
        "Names the cells twice in one object, for readers that take the first and others the last.",
        _bytes(
            lambda nb: json.dumps(nb).replace('"cells": [', '"cells": [], "cells": [', 1).encode()
        ),
        status="unreadable",
    ),
    Attack(
        "a mark of the byte order",
        "Starts the file with marks for the order of bytes, of UTF-8 and of UTF-16.",
        _bytes(lambda nb: b"\xff\xfe" + json.dumps(nb).encode("utf-16-le")),
    ),
    Attack(
        "bytes that are no text",
        "Mixes bytes of no encoding into the file.",
        _bytes(lambda nb: json.dumps(nb).encode() + b"\xff\xfe\x80"),
        status="unreadable",
    ),
    Attack(
        "half of a surrogate pair",
        "Uses lone surrogates in source, exception and output, which no file can hold.",
        _bytes(
            lambda nb: json.dumps(
                {
                    **nb,
                    "cells": [
                        *nb["cells"],
                        cell("print('a\ud800b')\nraise ValueError('\udfffc' + chr(0xd800))"),
                    ],
                }
            ).encode()
        ),
    ),
    Attack(
        "text that runs backwards",
        "Uses bidirectional controls, zero-width characters and look-alike letters in names.",
        "def s\u0430me_padding(kernel):\n    return (kernel - 1) // 2\n"
        "same\u200b_padding = same_padding if False else None\n".replace("\u200b", "")
        + "'''\u202e return \u2066 passed \u2069'''\nraise ValueError('\u202e91 fo 19\u2069')\n",
    ),
    Attack(
        "cells that are no cells",
        "Puts numbers, texts and cells of unknown types between the cells.",
        _bytes(lambda nb: json.dumps({**nb, "cells": [*nb["cells"], 7]}).encode()),
        status="unreadable",
    ),
    Attack(
        "metadata of every wrong form",
        "Writes lists, numbers and texts where metadata, tags, names and attachments belong.",
        _bytes(
            lambda nb: json.dumps(
                {
                    **nb,
                    "metadata": [1],
                    "cells": [
                        *nb["cells"],
                        {"cell_type": "code", "source": "x = 1", "metadata": 7, "outputs": "none"},
                        {
                            "cell_type": "code",
                            "source": ["x", " = 1"],
                            "metadata": {"nbgrader": [1], "tags": 5},
                        },
                        {
                            "cell_type": "code",
                            "source": "x = 1",
                            "metadata": {"tags": [[1], {"a": 1}, None]},
                        },
                        {
                            "cell_type": "markdown",
                            "source": "x",
                            "attachments": {"a": 7, "b": {"image/png": [1]}},
                        },
                        {
                            "cell_type": "code",
                            "source": "1",
                            "metadata": {"nbgrader": {"grade_id": ["x"]}},
                        },
                    ],
                }
            ).encode()
        ),
    ),
    Attack(
        "outputs of fifty megabytes",
        "Hides a huge output in the file, which nobody needs.",
        _bytes(
            lambda nb: (
                json.dumps(nb)
                .replace('"outputs": []', '"outputs": ["' + "A" * 5_000_000 + '"]')
                .encode()
            )
        ),
    ),
    Attack(
        "a folder named like a notebook",
        "Hands in a folder where a file is expected.",
        lambda folder, facts: _made(folder / "attack.ipynb"),
        status="unreadable",
    ),
    Attack(
        "a link to a file of the grader",
        "Hands in a link whose target is the secret of somebody else.",
        lambda folder, facts: _linked(folder / "attack.ipynb", facts["SECRET"]),
        status="unreadable",
    ),
    Attack(
        "a pipe named like a notebook",
        "Hands in a pipe that nobody ever writes to, so that a reader waits for ever.",
        lambda folder, facts: _pipe(folder / "attack.ipynb"),
        status="unreadable",
    ),
    Attack(
        "a link to a device",
        "Hands in a link to a device, where a file with an end is expected.",
        lambda folder, facts: _linked(folder / "attack.ipynb", "/dev/null"),
        status="unreadable",
    ),
)


def _made(path: Path) -> Path:
    path.mkdir()
    return path


def _linked(path: Path, target: str) -> Path:
    path.symlink_to(target)
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path
