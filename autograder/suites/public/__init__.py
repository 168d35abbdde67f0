"""The checks that students have, too."""

from ... import rooms

__path__ = rooms.extended(__path__, "suites/public")
