import numpy as np


def windows_of(x, pool_param, writeable=False):
    size = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    view = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3), writeable=writeable)
    return view[:, :, ::s, ::s]


def shares(x, pool_param):
    v = windows_of(x, pool_param)
    mask = v == v.max(axis=(4, 5), keepdims=True)
    return mask / mask.sum(axis=(4, 5), keepdims=True)


def max_pool_forward_vectorized(x, pool_param):
    H, W = x.shape[2:]
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    if h > H or w > W or (H - h) % s or (W - w) % s:
        raise ValueError("sizes")
    return windows_of(x, pool_param).max(axis=(4, 5)), (x, pool_param, shares(x, pool_param))


def max_pool_backward_vectorized(dout, cache):
    match cache:
        case (x, pool_param):
            part = shares(x, pool_param)
        case (x, pool_param, part):
            pass
    dx = np.zeros_like(x)
    target = windows_of(dx, pool_param, writeable=True)
    spread = part * dout[..., None, None]
    for p, q in np.ndindex(target.shape[4:]):
        target[..., p, q] += spread[..., p, q].astype(x.dtype)
    return dx
