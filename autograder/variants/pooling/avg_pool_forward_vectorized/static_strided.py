import numpy as np


class AvgPool:
    @staticmethod
    def forward(x, pool_param):
        HH, WW, S = (pool_param[k] for k in ["pool_height", "pool_width", "stride"])
        N, C, H, W = x.shape
        if HH > H or WW > W:
            raise ValueError("the window is larger than the picture")
        if (H - HH) % S != 0 or (W - WW) % S != 0:
            raise ValueError("the last step does not end at the border")
        a, b, c, d = x.strides
        v = np.lib.stride_tricks.as_strided(
            x, ((N, C, (H - HH) // S + 1, (W - WW) // S + 1, HH, WW)), (a, b, c * S, d * S, c, d)
        )
        return np.einsum("ncijpq->ncij", v) / x.dtype.type(HH * WW), (x, pool_param)


avg_pool_forward_vectorized = AvgPool.forward
