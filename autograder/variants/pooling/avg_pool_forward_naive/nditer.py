import numpy as np


def avg_pool_forward_naive(x: np.ndarray, pool_param: dict) -> tuple[np.ndarray, tuple]:
    match pool_param:
        case {"pool_height": hh, "pool_width": ww, "stride": s}:
            pass
        case _:
            raise KeyError("pool_param")
    N, C, H, W = x.shape
    if min(H - hh, W - ww) < 0:
        raise ValueError("window larger than the picture")
    if (H - hh) % s + (W - ww) % s > 0:
        raise ValueError("pixels left over")
    out = np.empty((N, C, (H - hh) // s + 1, (W - ww) // s + 1), dtype=x.dtype)
    with np.nditer(out, flags=["multi_index"], op_flags=["writeonly"]) as cells:
        for cell in cells:
            n, c, i, j = cells.multi_index
            cell[...] = np.average(x[n, c, i * s : i * s + hh, j * s : j * s + ww])
    return out, (x, pool_param)
