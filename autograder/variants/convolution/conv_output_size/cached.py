from functools import lru_cache


class SizeError(ValueError):
    pass


@lru_cache(maxsize=None)  # noqa: UP033
def conv_output_size(size, kernel, stride=1, pad=0):
    room = size + 2 * pad - kernel
    if room < 0 or room % stride:
        raise SizeError(f"{size=}, {kernel=}, {stride=}, {pad=}")
    return room // stride + 1
