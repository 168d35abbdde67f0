import numpy as np


def pool_plane(plane, hh, ww, s):
    height, width = plane.shape
    if hh > height or ww > width:
        raise ValueError
    if (height - hh) % s or (width - ww) % s:
        raise ValueError
    strips = (plane[top : top + hh] for top in range(0, height - hh + 1, s))
    return np.stack(
        [
            [strip[:, left : left + ww].sum() / (hh * ww) for left in range(0, width - ww + 1, s)]
            for strip in strips
        ]
    )


def avg_pool_forward_naive(x, pool_param):
    hh, ww, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]

    def rest(planes):
        if not planes:
            return []
        return [pool_plane(planes[0], hh, ww, s), *rest(planes[1:])]

    pooled = np.array(rest(list(x.reshape(-1, *x.shape[2:]))), dtype=x.dtype)
    return pooled.reshape(*x.shape[:2], *pooled.shape[1:]), (x, pool_param)
