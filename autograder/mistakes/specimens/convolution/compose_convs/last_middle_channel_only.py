def compose_convs(w1, w2):
    M, C, h1, k1 = w1.shape
    F, _, h2, k2 = w2.shape
    w = np.zeros((F, C, h1 + h2 - 1, k1 + k2 - 1), dtype=np.result_type(w1, w2))
    for f in range(F):
        for c in range(C):
            for m in range(M):
                combined = np.zeros((h1 + h2 - 1, k1 + k2 - 1))
                for p in range(h1):
                    for q in range(k1):
                        for r in range(h2):
                            for s in range(k2):
                                combined[p + r, q + s] += w1[m, c, p, q] * w2[f, m, r, s]
                w[f, c] = combined
    return w
