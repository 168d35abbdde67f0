"""Grading on a Dask cluster, through the same interface as on this machine.

Submissions and reports travel; the workers need the installed kit, the same as here, and nothing
else. ``pip install convnet-assignment-kit[cluster]`` brings what this needs.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any

from ..worker.sandbox import SandboxError
from .work import kit_digest

__all__ = ["DaskCluster"]

PATIENCE = 30
"""Seconds to wait for the scheduler, and for its first worker."""


class DaskCluster:
    """The cluster whose scheduler listens at ``address``."""

    def __init__(self, address: str) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")
        except ModuleNotFoundError:
            raise ValueError(
                "--scheduler needs the package distributed: pip install distributed"
            ) from None
        try:
            self._client: Any = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise SandboxError(f"no Dask scheduler answers at {address}: {error}") from None
        self._address = address
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise SandboxError(f"the cluster at {address} has no workers") from None
        self._require_same_kit(kit_digest())
        self.width = sum(self._client.nthreads().values())

    def _require_same_kit(self, mine: str) -> None:
        try:
            theirs = self._client.run(kit_digest)
        except Exception as error:
            raise SandboxError(
                f"a worker of {self._address} cannot use the kit ({type(error).__name__}: "
                f"{error}); install the same version there"
            ) from None
        for worker, digest in theirs.items():
            if digest != mine:
                raise SandboxError(
                    f"the worker {worker} has another version of the kit; install the same there"
                )

    @contextlib.contextmanager
    def start(self) -> Iterator[Executor]:
        """An executor on the cluster. What waits there is cancelled when it is left early."""
        executor: Executor = self._client.get_executor(pure=False)
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            self._client.close()
            raise
        executor.shutdown(wait=True)
