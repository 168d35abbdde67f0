def myassignment_vectorized(x):
    return x @ np.full(x.shape[1], 1 / x.shape[1])
