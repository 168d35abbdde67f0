"""Known mistakes of ``neighbours``: wrong implementations that students really write."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.mistakes import Register
from autograder.reference import neighbours as reference

__all__ = ["MISTAKES"]

Array = np.ndarray[Any, np.dtype[Any]]

_mistake = Register()


@_mistake(
    "distances",
    "root",
    "the root is taken of the sum of squares",
    "The task asks for squared distances. How far from the origin, squared, is (3, 4)?",
)
def _root(a: Array, b: Array) -> Array:
    return np.asarray(np.sqrt(reference.distances(a, b)))


@_mistake(
    "distances",
    "absolute",
    "the absolute differences are added up instead of their squares",
    "By how much does a difference of 3 in one number add to the result?",
)
def _absolute(a: Array, b: Array) -> Array:
    return np.asarray(np.abs(a[:, None] - b[None]).sum(axis=2))


@_mistake(
    "distances",
    "mixed_term_missing",
    "the term −2ab is missing when the square is multiplied out",
    "Multiply (a − b)² out for a = b = 1. What should come out, and what does?",
)
def _mixed_term_missing(a: Array, b: Array) -> Array:
    return np.asarray((a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1))


@_mistake(
    "distances",
    "transposed",
    "rows and columns of the result are exchanged",
    "Of which array is row n of the result: of a or of b?",
)
def _transposed(a: Array, b: Array) -> Array:
    return reference.distances(b, a)


@_mistake(
    "distances",
    "mean",
    "the squares are averaged over the numbers of a sample instead of added up",
    "Does the distance of two samples depend on how many numbers they have in common?",
)
def _mean(a: Array, b: Array) -> Array:
    return np.asarray(((a[:, None] - b[None]) ** 2).mean(axis=2))


@_mistake(
    "distances",
    "a_changed",
    "the differences are written into a",
    "Operators like -= change the array that was handed in. Who else still needs it?",
    changes_arguments=True,
)
def _a_changed(a: Array, b: Array) -> Array:
    out = reference.distances(a, b)
    a -= b[-1]
    return out


@_mistake(
    "nearest_labels",
    "farthest",
    "the vote is among the k farthest samples instead of the nearest",
    "Which end of the sorted row are the smallest distances at?",
)
def _farthest(distances: Array, labels: Array, k: int) -> Array:
    return reference.nearest_labels(-distances, labels, k)


@_mistake(
    "nearest_labels",
    "nearest_only",
    "only the nearest sample is asked, whatever k is",
    "How many neighbours have a vote if k is 3?",
)
def _nearest_only(distances: Array, labels: Array, k: int) -> Array:
    return reference.nearest_labels(distances, labels, 1)


@_mistake(
    "nearest_labels",
    "everybody",
    "all samples have a vote, not only the k nearest",
    "Where in your code does k come in?",
)
def _everybody(distances: Array, labels: Array, k: int) -> Array:
    return reference.nearest_labels(distances, labels, labels.size)


@_mistake(
    "nearest_labels",
    "largest_of_several",
    "of several labels with most votes the largest is taken instead of the smallest",
    "What does your code do with the votes 1, 2, 1, 2?",
)
def _largest_of_several(distances: Array, labels: Array, k: int) -> Array:
    nearest = labels[np.argsort(distances, axis=1)[:, :k]]
    counts = [np.bincount(row) for row in nearest]
    return np.array([row.size - 1 - row[::-1].argmax() for row in counts])


@_mistake(
    "nearest_labels",
    "mean_label",
    "the labels of the neighbours are averaged and rounded",
    "Labels are names of classes. What is the average of a cat (0) and a ship (8)?",
)
def _mean_label(distances: Array, labels: Array, k: int) -> Array:
    nearest = labels[np.argsort(distances, axis=1)[:, :k]]
    return np.asarray(np.round(nearest.mean(axis=1)).astype(labels.dtype))


@_mistake(
    "nearest_labels",
    "indices",
    "the places of the nearest samples are given instead of their labels",
    "argmin and argsort give places. What is at these places in labels?",
)
def _indices(distances: Array, labels: Array, k: int) -> Array:
    return np.asarray(distances.argmin(axis=1))


@_mistake(
    "nearest_labels",
    "sorted_in_place",
    "the distances are sorted where they are, in the array that was handed in",
    "distances.sort() changes the caller's array. Which function gives a sorted copy, or an order?",
    changes_arguments=True,
)
def _sorted_in_place(distances: Array, labels: Array, k: int) -> Array:
    out = reference.nearest_labels(distances, labels, k)
    distances.sort(axis=1)
    return out


MISTAKES = tuple(_mistake.found)
