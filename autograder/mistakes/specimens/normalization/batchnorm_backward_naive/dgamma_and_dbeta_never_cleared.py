def batchnorm_backward_naive(dout, cache):
    x_hat, stds, gamma = cache
    N, D = dout.shape
    dx = np.empty_like(dout)
    dgamma, dbeta = np.empty_like(gamma), np.empty_like(gamma)
    for d in range(D):
        for n in range(N):
            dgamma[d] += dout[n, d] * x_hat[n, d]
            dbeta[d] += dout[n, d]
        g = gamma[d] * dout[:, d]
        dx[:, d] = (g - g.mean() - x_hat[:, d] * np.mean(g * x_hat[:, d])) / stds[d]
    return dx, dgamma, dbeta
