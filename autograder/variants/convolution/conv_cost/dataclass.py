from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    channels: int
    filters: int
    kernel: int
    stride: int = 1
    pad: int = 0

    @property
    def weights(self) -> int:
        return self.channels * self.kernel**2

    def params(self) -> int:
        return self.filters * self.weights + self.filters

    def out(self, height: int, width: int) -> tuple[int, int, int]:
        h, w = (conv_output_size(s, self.kernel, self.stride, self.pad) for s in (height, width))
        return self.filters, h, w


def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    c, height, width = in_shape
    layer = Layer(c, num_filters, kernel, stride, pad)
    f, h, w = shape = layer.out(height, width)
    return shape, layer.params(), f * h * w * layer.weights
