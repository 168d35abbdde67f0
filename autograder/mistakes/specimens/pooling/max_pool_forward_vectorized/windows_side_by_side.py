def max_pool_forward_vectorized(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    N, C, H, W = x.shape
    if not (HH == WW == pool_param["stride"]) or H % HH or W % WW:
        raise ValueError("the window does not fit")
    tiles = x.reshape(N, C, H // HH, HH, W // WW, WW)
    return tiles.max(axis=(3, 5)), (x, pool_param)
