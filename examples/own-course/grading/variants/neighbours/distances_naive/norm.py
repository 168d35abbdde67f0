def distances_naive(a, b):
    out = np.empty((len(a), len(b)))
    for n, x in enumerate(a):
        for m, y in enumerate(b):
            out[n, m] = np.linalg.norm(x - y) ** 2
    return out
