import numpy as np


def batchnorm_backward_naive(dout, cache):
    normalized, stds, gamma = cache
    N, D = dout.shape
    dx = np.zeros((N, D), dout.dtype)
    dgamma = np.zeros(D, dout.dtype)
    dbeta = np.zeros(D, dout.dtype)
    for d, std in enumerate(stds):
        centred = [normalized[n, d] * std for n in range(N)]
        dhat = [dout[n, d] * gamma[d] for n in range(N)]
        dgamma[d] = sum(g * h for g, h in zip(dout[:, d], normalized[:, d], strict=True))
        dbeta[d] = sum(dout[:, d])
        dvar = sum(g * c for g, c in zip(dhat, centred, strict=True)) * -0.5 * std**-3
        dmean = -sum(dhat) / std - 2 * dvar * sum(centred) / N
        for n in range(N):
            dx[n, d] = dhat[n] / std + dvar * 2 * centred[n] / N + dmean / N
    return dx, dgamma, dbeta
