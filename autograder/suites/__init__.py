"""The checks: a public and a hidden suite for each assignment, and how its tasks are called."""

from .. import rooms

__path__ = rooms.extended(__path__, "suites")
