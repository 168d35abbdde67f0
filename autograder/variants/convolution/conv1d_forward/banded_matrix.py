import numpy as np


def conv1d_forward(x, w, b, conv_param):
    """One big matrix that holds each filter at each of its places."""
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, L = x.shape
    F, _, K = w.shape
    places = conv_output_size(L, K, stride, pad)
    matrix = np.zeros((F, places, C, L + 2 * pad), dtype=w.dtype)
    for i in range(places):
        matrix[:, i, :, i * stride : i * stride + K] = w
    matrix = matrix[..., pad : pad + L].reshape(F * places, C * L)
    out = (x.reshape(N, -1) @ matrix.T).reshape(N, F, places)
    return out + b.reshape(1, F, 1), (x, w, b, conv_param)
