import numpy as np


def batchnorm_backward(dout, cache):
    hat, std, gamma = cache
    N = len(dout)
    db, dg = sum(row for row in dout), sum(d * h for d, h in zip(dout, hat, strict=True))
    dx = np.stack([gamma / std * (dout[n] - db / N - hat[n] * dg / N) for n in range(N)])
    return dx, dg, db
