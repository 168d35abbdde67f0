import numpy as np


def slide(signal, kernel, *, stride):
    """Sum over the taps, by halves."""
    F, C, K = kernel.shape
    places = (signal.shape[2] - K) // stride + 1
    if K == 1:
        return np.einsum("fc,ncl->nfl", kernel[..., 0], signal[..., ::stride])
    half = K // 2
    left = slide(signal, kernel[..., :half], stride=stride)[..., :places]
    right = slide(signal[..., half:], kernel[..., half:], stride=stride)
    return left + right


def conv1d_forward(x, w, b, conv_param):
    if (length := x.shape[-1] + 2 * conv_param["pad"]) < (K := w.shape[-1]):
        raise ValueError(f"{K} > {length}")
    if (length - K) % conv_param["stride"] != 0:
        raise ValueError("numbers left over at the end")
    p = conv_param["pad"]
    padded = np.zeros((*x.shape[:2], length), dtype=x.dtype)
    padded[:, :, p : length - p] = x
    return slide(padded, w, stride=conv_param["stride"]) + b[:, None], (x, w, b, conv_param)
