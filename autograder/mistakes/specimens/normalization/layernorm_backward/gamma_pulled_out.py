def layernorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N, D = dout.shape
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    a = dout.sum(axis=1, keepdims=True)
    c = (dout * x_hat).sum(axis=1, keepdims=True)
    dx = gamma / (D * std) * (D * dout - a - x_hat * c)
    return dx, dgamma, dbeta
