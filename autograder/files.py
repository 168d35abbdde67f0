"""Writing results: a file is there whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

__all__ = ["CannotWrite", "write_whole"]


class CannotWrite(OSError):
    """A result could not be written; the text says which, why, and what to do."""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write ``content`` to ``path``, replacing what was there only when all of it is on the disk.

    Text is written in UTF-8. What a killed writer leaves is a file ``.<name>.part`` beside it,
    which the next one replaces. Raises :class:`CannotWrite`.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            with part.open("wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
    except OSError as error:
        raise CannotWrite(
            f"{path} could not be written ({error.strerror or error}). What was finished before is "
            "kept; make room or choose another folder, and run the same command again."
        ) from None
