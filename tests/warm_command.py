"""The command ``autograder`` without its imports: a process that has them forks for each call.

Tests that start the command dozens of times use it. What could change how Python starts is tried
with the real command.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_CLIENT = """\
import json, os, socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect({address!r})
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode("ascii")
socket.send_fds(link, [asked[:1]], [0, 1, 2])
link.sendall(asked[1:])
link.shutdown(socket.SHUT_WR)
sys.exit(int(link.recv(16) or b"3"))
"""


@contextlib.contextmanager
def warm_command(folder: Path, kit: Path) -> Iterator[Path]:
    """A program, in ``folder``, that does what ``autograder`` of ``kit`` does: same arguments,
    folder, environment, streams and exit code."""
    address = folder / "socket"
    (folder / "client.py").write_text(_CLIENT.format(address=str(address)))
    path = folder / "autograder"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -ISs "{folder}/client.py" "$@"\n')
    path.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, __file__, address], env={**os.environ, "PYTHONPATH": str(kit)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        try:
            yield path
        finally:
            server.kill()


def _serve(address: str) -> None:
    from autograder import cli

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)
        while True:
            link, _ = listening.accept()
            child = os.fork()
            if child == 0:
                listening.close()
                _answer(link, cli.main)
            link.close()
            os.waitpid(child, 0)


def _answer(link: socket.socket, main: object) -> None:
    """Run the command in this process, which ends with it."""
    code = 3
    try:
        asked, streams, _, _ = socket.recv_fds(link, 1, 3)
        while part := link.recv(1 << 16):
            asked += part
        arguments, folder, environment = json.loads(asked)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        assert callable(main)
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        sys.stdout.flush()
        sys.stderr.flush()
        link.sendall(str(code).encode())
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
