def batchnorm_backward_naive(dout, cache):
    x_hat, stds, gamma = cache
    N, D = dout.shape
    dx = np.zeros_like(dout)
    dgamma = np.zeros_like(gamma)
    dbeta = np.zeros_like(gamma)
    for d in range(D):
        std = stds[d]
        dvar = 0
        for n in range(N):
            dbeta[d] += dout[n, d]
            dgamma[d] += dout[n, d] * x_hat[n, d]
            dvar += dout[n, d] * gamma[d] * x_hat[n, d] * std * (-0.5) * std ** (-3)
        for n in range(N):
            dx[n, d] = dout[n, d] * gamma[d] / std + dvar * 2 * x_hat[n, d] * std / N
    return dx, dgamma, dbeta
