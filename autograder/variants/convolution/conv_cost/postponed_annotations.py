from __future__ import annotations

import copy
import typing
from dataclasses import dataclass
from enum import Enum


class Axis(Enum):
    HEIGHT = 1
    WIDTH = 2


@dataclass
class Filter:
    colours: typing.ClassVar[int] = 3
    channels: int
    side: int | None = None

    def weights(self) -> int:
        return self.channels * self.side**2


def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    bank = [copy.deepcopy(Filter(in_shape[0], kernel)) for _ in range(num_filters)]
    weights = sum(one.weights() for one in bank)
    h, w = (conv_output_size(in_shape[a.value], kernel, stride, pad) for a in Axis)
    return (len(bank), h, w), weights + len(bank), weights * h * w
