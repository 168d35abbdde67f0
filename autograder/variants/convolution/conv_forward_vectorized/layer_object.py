import numpy as np


class Conv2d:
    def __init__(self, w, b, stride, pad):
        self.w, self.b, self.stride, self.pad = w, b, stride, pad

    def padded(self, x):
        p = self.pad
        out = np.zeros((*x.shape[:2], x.shape[2] + 2 * p, x.shape[3] + 2 * p), x.dtype)
        out[..., p : p + x.shape[2], p : p + x.shape[3]] = x
        return out

    def windows(self, x):
        x, k = self.padded(x), self.w.shape[2:]
        if any(n < m or (n - m) % self.stride for n, m in zip(x.shape[2:], k, strict=True)):
            raise ValueError("filter and picture do not fit together")
        every = np.lib.stride_tricks.sliding_window_view(x, k, axis=(-2, -1))
        return every[..., :: self.stride, :: self.stride, :, :]

    def __call__(self, x):
        y = np.einsum("ncijkl,fckl->nfij", self.windows(x), self.w, optimize=True)
        return y + self.b[None, :, None, None]


def conv_forward_vectorized(x, w, b, conv_param):
    layer = Conv2d(w, b, **conv_param)
    return layer(x), (x, w, b, conv_param)
