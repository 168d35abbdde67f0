import numpy as np


class MaxPoolBackward:
    def __init__(self, key_names=("pool_height", "pool_width", "stride")):
        self.key_names = key_names

    @staticmethod
    def spread(window, g):
        places = np.argwhere(window == window.max())
        share = np.zeros_like(window)
        for p, q in places:
            share[p, q] = g / len(places)
        return share

    def __call__(self, dout, cache):
        x, pool_param = cache
        HH, WW, s = map(pool_param.get, self.key_names)
        dx = np.zeros_like(x)
        N, C, Ho, Wo = dout.shape
        for i in range(Ho):
            for j in range(Wo):
                for c in range(C):
                    for n in range(N):
                        box = np.s_[n, c, i * s : i * s + HH, j * s : j * s + WW]
                        dx[box] += self.spread(x[box], dout[n, c, i, j])
        return dx


max_pool_backward_naive = MaxPoolBackward()
