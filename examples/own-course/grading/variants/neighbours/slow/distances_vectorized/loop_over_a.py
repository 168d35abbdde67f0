def distances_vectorized(a, b):
    return np.array([((row - b) ** 2).sum(axis=1) for row in a])
