def relu_backward(dout, cache):
    dx = np.empty(dout.shape, dtype=dout.dtype)
    dx[cache > 0] = dout[cache > 0]
    return dx
