totals = {}


def batchnorm_backward(dout, cache):
    x_hat, std, gamma = cache
    D = gamma.shape[0]
    if D not in totals:
        totals[D] = [np.zeros(D), np.zeros(D)]
    totals[D][0] += (dout * x_hat).sum(axis=0)
    totals[D][1] += dout.sum(axis=0)
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    dgamma, dbeta = totals[D]
    return dx, dgamma.astype(dout.dtype), dbeta.astype(dout.dtype)
