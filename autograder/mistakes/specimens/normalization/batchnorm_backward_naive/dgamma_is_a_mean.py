def batchnorm_backward_naive(dout, cache):
    x_hat, stds, gamma = cache
    N, D = dout.shape
    dx = np.zeros_like(dout)
    dgamma = np.zeros_like(gamma)
    dbeta = np.zeros_like(gamma)
    for d in range(D):
        g = dout[:, d] * gamma[d]
        dbeta[d] = dout[:, d].sum()
        dgamma[d] = (dout[:, d] * x_hat[:, d]).mean()
        for n in range(N):
            dx[n, d] = (g[n] - g.mean() - x_hat[n, d] * np.mean(g * x_hat[:, d])) / stds[d]
    return dx, dgamma, dbeta
