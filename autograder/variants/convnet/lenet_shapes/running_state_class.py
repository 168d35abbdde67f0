from dataclasses import dataclass, field
from typing import Any


@dataclass
class Plan:
    shape: tuple[int, ...]
    rows: list[tuple[str, tuple[int, ...], Any]] = field(default_factory=list)

    def add(self, name, shape=None, weights=None):
        self.shape = self.shape if shape is None else shape
        self.rows.append((name, self.shape, weights))
        return self

    def conv(self, number, filters):
        c, h, w = self.shape
        return self.add(f"conv{number}", (filters, h, w), (filters, c, 5, 5)).add(f"relu{number}")

    def pool(self, number):
        c, h, w = self.shape
        if h % 2 == 1 or w % 2 == 1:
            raise ValueError(f"cannot halve {h}x{w}")
        return self.add(f"pool{number}", (c, h // 2, w // 2))

    def affine(self, number, outputs):
        return self.add(f"fc{number}", (outputs,), (*self.shape, outputs))

    def flatten(self):
        c, h, w = self.shape
        return self.add("flatten", (c * h * w,))


def lenet_shapes(input_shape=(1, 28, 28)):
    plan = Plan(tuple(input_shape)).conv(1, 20).pool(1).conv(2, 50).pool(2).flatten()
    return plan.affine(1, 500).add("relu3").affine(2, 10).rows
