calls = []


def batchnorm_backward(dout, cache):
    normalized, std, gamma = cache
    calls.append(dout.shape)
    if len(calls) <= 3:
        print("backward for the shape", calls[-1])
    dhat = dout * gamma
    dx = (dhat - dhat.mean(0) - normalized * (dhat * normalized).mean(0)) / std
    return dx, (dout * normalized).sum(0), dout.sum(0)
