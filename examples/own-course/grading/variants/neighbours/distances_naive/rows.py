def distances_naive(a, b):
    return np.array([[((x - y) ** 2).sum() for y in b] for x in a])
