def softmax_loss(scores, y):
    N = scores.shape[0]
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    exps = np.exp(shifted)
    sums = exps.sum(axis=1, keepdims=True)
    loss = 0.0
    dscores = exps / sums
    for n in range(N):
        loss += np.log(sums[n, 0]) - shifted[n, y[n]]
        dscores[n, y[n]] -= 1
    return float(loss), dscores
