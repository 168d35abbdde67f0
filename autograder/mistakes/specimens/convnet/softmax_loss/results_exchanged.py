def softmax_loss(scores, y):
    N = len(y)
    rows = np.arange(N)
    z = scores - scores.max(axis=1)[:, None]
    lse = np.log(np.exp(z).sum(axis=1))
    grad = np.exp(z - lse[:, None])
    grad[rows, y] -= 1
    return grad / N, np.mean(lse - z[rows, y])
