def compose_convs(w1, w2):
    M, C, h1, v1 = w1.shape
    F, _, h2, v2 = w2.shape
    w = np.zeros((F, C, h1 + h2 - 1, v1 + v2 - 1), dtype=int)
    for f in range(F):
        for m in range(M):
            for i in range(h2):
                for j in range(v2):
                    w[f, :, i : i + h1, j : j + v1] += w2[f, m, i, j] * w1[m]
    return w
