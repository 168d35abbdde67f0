def relu_backward(dout, cache):
    out, _ = relu_forward(cache)
    dx = dout * out
    return dx
