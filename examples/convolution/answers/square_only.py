# Height stands for width too, in the image and in the kernel.
# %% conv_forward_naive
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, _ = x.shape
    F, _, K, _ = w.shape
    if H + 2 * p < K or (H + 2 * p - K) % s:
        raise ValueError("does not fit")
    Ho = 1 + (H + 2 * p - K) // s
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    out = np.zeros((N, F, Ho, Ho))
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Ho):
                    out[n, f, i, j] = np.sum(xp[n, :, i * s : i * s + K, j * s : j * s + K] * w[f])
                    out[n, f, i, j] += b[f]
    return out, (x, w, b, conv_param)
