# A bracket is missing.
# %% conv_backward_naive
def conv_backward_naive(dout, cache:
    x, w, b, conv_param = cache
    return np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
