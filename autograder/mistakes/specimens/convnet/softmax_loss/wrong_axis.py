def softmax_loss(scores, y):
    N = scores.shape[0]
    shifted = scores - scores.max(axis=0)
    exps = np.exp(shifted)
    probs = exps / np.sum(exps, axis=0)
    right = probs[np.arange(N), y]
    loss = -np.log(right).sum() / N
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    return float(loss), dscores
