"""All attacks, by family."""

from __future__ import annotations

from collections.abc import Mapping

from . import (
    checks,
    clock,
    escaping,
    exhausting,
    forging,
    killing,
    notebooks,
    oracle,
    pages,
    poisoning,
    supply,
)
from .attack import Attack

__all__ = ["ATTACKS", "FAMILIES"]

FAMILIES: Mapping[str, tuple[Attack, ...]] = {
    "checks": checks.ATTACKS,
    "oracle": oracle.ATTACKS,
    "forging": forging.ATTACKS,
    "killing": killing.ATTACKS,
    "exhausting": exhausting.ATTACKS,
    "escaping": escaping.ATTACKS,
    "clock": clock.ATTACKS,
    "poisoning": poisoning.ATTACKS,
    "notebooks": notebooks.ATTACKS,
    "supply": supply.ATTACKS,
    "pages": pages.ATTACKS,
}
"""Attacks by the module that they stand in, the family."""

ATTACKS: Mapping[str, Attack] = {
    f"{family}: {attack.name}": attack for family, attacks in FAMILIES.items() for attack in attacks
}
"""Attacks by the name of the test."""
