import numpy as np


class NaiveConv:
    def size(self, n, k):
        return conv_output_size(n, k, self.stride, self.pad)

    def windows(self, xp, HH, WW):
        for i in range((xp.shape[2] - HH) // self.stride + 1):
            for j in range((xp.shape[3] - WW) // self.stride + 1):
                top, left = i * self.stride, j * self.stride
                yield i, j, xp[:, :, top : top + HH, left : left + WW]

    def __call__(self, x, w, b, conv_param):
        self.stride, self.pad = conv_param["stride"], conv_param["pad"]
        N, C, H, W = x.shape
        F, _, HH, WW = w.shape
        out = np.zeros((N, F, self.size(H, HH), self.size(W, WW)), dtype=x.dtype)
        xp = np.pad(x, [(0, 0)] * 2 + [(self.pad, self.pad)] * 2)
        for i, j, window in self.windows(xp, HH, WW):
            for n in range(N):
                for f in range(F):
                    out[n, f, i, j] = np.einsum("chw,chw->", window[n], w[f]) + b[f]
        return out, (x, w, b, conv_param)


conv_forward_naive = NaiveConv()
