def myassignment_naive(x):
    return np.array([sum(row) / len(row) for row in x])
