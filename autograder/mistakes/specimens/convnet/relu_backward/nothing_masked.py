def relu_backward(dout, cache):
    x = cache
    return dout * np.ones_like(x)
