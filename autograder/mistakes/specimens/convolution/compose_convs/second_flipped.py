def compose_convs(w1, w2):
    M, C, h1, k1 = w1.shape
    F, _, h2, k2 = w2.shape
    w = np.zeros((F, C, h1 + h2 - 1, k1 + k2 - 1), dtype=np.result_type(w1, w2))
    for f in range(F):
        for c in range(C):
            for m in range(M):
                for p in range(h2):
                    for q in range(k2):
                        factor = w2[f, m, h2 - 1 - p, k2 - 1 - q]
                        w[f, c, p : p + h1, q : q + k1] += factor * w1[m, c]
    return w
