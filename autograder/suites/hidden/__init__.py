"""The checks that only instructors have."""

from ... import rooms

__path__ = rooms.extended(__path__, "suites/hidden")
