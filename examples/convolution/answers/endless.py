# The loop's condition never becomes false.
# %% compose_convs
def compose_convs(w1, w2):
    F, M, h2, _ = w2.shape
    w = np.zeros((F, w1.shape[1], w1.shape[2] + h2 - 1, w1.shape[3] + h2 - 1))
    f = 0
    while f < F:
        w[f] = 0
    return w


compose_convs(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)))
