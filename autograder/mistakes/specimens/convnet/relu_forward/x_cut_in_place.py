def relu_forward(x):
    out = x
    out[out < 0] = 0
    return out, x
