"""``autograder`` and ``nbgrader`` without their start: dozens of commands are run by one test.

    python tests/warm_commands.py SOCKET                          waits for commands
    python tests/warm_commands.py SOCKET autograder grade ...     has one run

The one that waits has loaded both programs and forks for each command. The fork has the caller's
folder, environment, input and output, and runs the program's own ``main``.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

LOADED = (
    "autograder.classreport.writing",
    "autograder.grading",
    "autograder.nbgrader_plugin",
    "copydetect",
    "matplotlib.pyplot",
    "nbgrader.server_extensions.formgrader",
)
"""What the programs load when they need it."""


@contextlib.contextmanager
def waiting(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The socket, in ``folder``, at which a process waits for commands."""
    address = str(folder / "s")
    command = [sys.executable, __file__, address]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        try:
            yield address
        finally:
            server.kill()


def program(path: Path, address: str, name: str) -> Path:
    """Write a program that has ``name`` run at the socket ``address``, with its own arguments."""
    line = f'exec "{sys.executable}" -I -S "{__file__}" "{address}" {name} "$@"'
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return path


def ask(address: str, words: list[str]) -> int:
    """Have a command run; its exit code."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(address)
        asked = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}
        socket.send_fds(link, [b"+"], [0, 1, 2])
        link.sendall(json.dumps(asked).encode())
        link.shutdown(socket.SHUT_WR)
        return int(link.makefile().read() or 70)


def wait(address: str) -> NoReturn:
    """Fork for every command that is asked for."""
    sys.path.pop(0)  # this folder, which the programs do not have
    for name in LOADED:
        importlib.import_module(name)
    import nbgrader.apps.nbgraderapp

    import autograder.cli

    programs = {"autograder": autograder.cli.main, "nbgrader": nbgrader.apps.nbgraderapp.main}
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
        print("ready", flush=True)
        while True:
            link, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _serve(link, programs)
            link.close()


def _forget_the_course() -> None:
    """Let the program look for a course in the folder where it is now."""
    from autograder import rooms

    named = os.environ.get("AUTOGRADER_COURSE")
    rooms.enter(Path(named) if named else None)


def _serve(link: socket.socket, programs: dict[str, object]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, files, _, _ = socket.recv_fds(link, 1, 3)
    asked = json.loads(link.makefile().read())
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = asked["words"]
    try:
        if sys.argv[0] == "autograder" and os.path.isdir("grading"):
            # Suites of a course's own are found when the program starts.
            command = [sys.executable, "-m", "autograder.cli", *sys.argv[1:]]
            code = subprocess.run(command, check=False).returncode
        else:
            _forget_the_course()
            code = programs[sys.argv[0]]()  # type: ignore[operator]
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) or end.code is None else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    link.sendall(str(code or 0).encode())
    link.close()
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
    wait(sys.argv[1])
