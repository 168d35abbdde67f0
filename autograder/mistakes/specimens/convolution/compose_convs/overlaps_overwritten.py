def compose_convs(w1, w2):
    M, C, h1, k1 = w1.shape
    F, _, h2, k2 = w2.shape
    w = np.zeros((F, C, h1 + h2 - 1, k1 + k2 - 1), dtype=np.result_type(w1, w2))
    for r in range(h2):
        for s in range(k2):
            for f in range(F):
                for c in range(C):
                    block = np.zeros((h1, k1), dtype=w.dtype)
                    for m in range(M):
                        block += w2[f, m, r, s] * w1[m, c]
                    w[f, c, r : r + h1, s : s + k1] = block
    return w
