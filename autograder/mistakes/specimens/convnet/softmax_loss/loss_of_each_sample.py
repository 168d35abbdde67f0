def softmax_loss(scores, y):
    N = len(y)
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    loss = -log_p[range(N), y]
    dscores = np.exp(log_p)
    dscores[range(N), y] -= 1
    return loss, dscores / N
