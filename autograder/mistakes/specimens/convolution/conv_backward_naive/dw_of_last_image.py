def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    db = np.zeros_like(b)
    for n in range(N):
        image = np.pad(x[n], ((0, 0), (pad, pad), (pad, pad)))
        dimage = np.zeros_like(image)
        dw = np.zeros_like(w)
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    g = dout[n, f, i, j]
                    db[f] += g
                    dw[f] += g * image[:, top : top + HH, left : left + WW]
                    dimage[:, top : top + HH, left : left + WW] += g * w[f]
        dx[n] = dimage[:, pad : pad + H, pad : pad + W]
    return dx, dw, db
