# A colon is missing.
# %% spatial_batchnorm_forward
def spatial_batchnorm_forward(x, gamma, beta, bn_param)
    N, C, H, W = x.shape
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(pixels, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache
