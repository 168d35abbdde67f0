# %% softmax_loss
def softmax_loss(scores, y):
    N = len(scores)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), y]).sum()
    p[np.arange(N), y] -= 1
    return float(loss), p
