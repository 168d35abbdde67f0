def compose_convs(w1, w2):
    M, C, h1, v1 = w1.shape
    F, _, h2, v2 = w2.shape
    w = np.empty((F, C, h1 + h2 - 1, v1 + v2 - 1))
    for i in range(h2):
        for j in range(v2):
            w[:, :, i : i + h1, j : j + v1] += np.tensordot(w2[:, :, i, j], w1, axes=1)
    return w
