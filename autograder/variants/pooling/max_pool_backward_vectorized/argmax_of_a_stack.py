import numpy as np


def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    Ho, Wo = dout.shape[2:]
    stack = np.stack(
        [
            x[:, :, p : p + s * (Ho - 1) + 1 : s, q : q + s * (Wo - 1) + 1 : s]
            for p in range(HH)
            for q in range(WW)
        ]
    )
    winner = stack.argmax(axis=0)
    dx = np.zeros(x.shape, x.dtype)
    for number in range(HH * WW):
        p, q = divmod(number, WW)
        target = dx[:, :, p : p + s * (Ho - 1) + 1 : s, q : q + s * (Wo - 1) + 1 : s]
        np.add(target, dout, out=target, where=winner == number)
    return dx
