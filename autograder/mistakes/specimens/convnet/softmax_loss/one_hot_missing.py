def softmax_loss(scores, y):
    N = len(y)
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(shifted), axis=1))
    loss = np.mean(log_sum - shifted[range(N), y])
    probs = np.exp(shifted - log_sum[:, None])
    dscores = probs / N
    return float(loss), dscores
