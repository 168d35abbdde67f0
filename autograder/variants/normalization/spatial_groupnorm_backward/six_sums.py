import numpy as np


def spatial_groupnorm_backward(dout, cache):
    hat, std, gamma = cache
    N, G, K, H, W = hat.shape
    count = K * H * W
    d = dout.reshape(N, G, K, H, W)
    scale = gamma.reshape(1, G, K, 1, 1)
    mean = np.einsum("ngkhw,gk->ng", d, scale[0, :, :, 0, 0]) / count
    along = np.einsum("ngkhw,gk,ngkhw->ng", d, scale[0, :, :, 0, 0], hat) / count
    dx = d * scale
    dx = dx - mean.reshape(N, G, 1, 1, 1)
    dx = dx - hat * along.reshape(N, G, 1, 1, 1)
    dx = dx / std
    dgamma = np.einsum("ngkhw,ngkhw->gk", d, hat).reshape(gamma.shape)
    dbeta = np.einsum("ngkhw->gk", d).reshape(gamma.shape)
    return dx.reshape(dout.shape), dgamma, dbeta
