def relu_backward(dout, cache):
    dx = dout
    dx[cache <= 0] = 0
    return dx
