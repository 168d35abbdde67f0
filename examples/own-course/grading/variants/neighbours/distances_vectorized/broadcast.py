def distances_vectorized(a, b):
    difference = a[:, np.newaxis] - b
    return np.einsum("nmd,nmd->nm", difference, difference)
