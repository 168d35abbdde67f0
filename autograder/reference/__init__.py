"""Trusted operators: a module with ``OPERATORS`` for each assignment."""

from .. import rooms

__path__ = rooms.extended(__path__, "reference")
