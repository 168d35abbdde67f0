def relu_backward(dout, cache):
    x = cache
    dx = np.array(dout)
    dx[x < 0] = 0
    return dx
