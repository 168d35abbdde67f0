def conv_forward_naive(x, w, b, conv_param):
    out, _ = conv_forward_vectorized(x, w, b, conv_param)
    return out, {"x": x, "w": w, "p": conv_param}


def conv_backward_naive(dout, cache):
    x, w, conv_param = cache["x"], cache["w"], cache["p"]
    return conv_backward_vectorized(dout, (x, w, None, conv_param))
