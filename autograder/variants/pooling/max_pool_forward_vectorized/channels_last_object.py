import numpy as np


class Pool:
    reduce = staticmethod(np.max)

    def __call__(self, x, pool_param):
        self.check(x, **pool_param)
        size = pool_param["pool_height"], pool_param["pool_width"]
        s = pool_param["stride"]
        nhwc = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
        windows = np.lib.stride_tricks.sliding_window_view(nhwc, size, axis=(1, 2))
        out = self.reduce(windows[:, ::s, ::s], axis=(-2, -1))
        return out.transpose(0, 3, 1, 2), (x, pool_param)

    def check(self, x, *, pool_height, pool_width, stride):
        for size, window in zip(x.shape[-2:], (pool_height, pool_width), strict=True):
            if window > size or (size - window) % stride:
                raise ValueError(f"{window} and {stride} do not fit {size}")


max_pool_forward_vectorized = Pool()
