def softmax_loss(scores, y):
    N, K = scores.shape
    loss = 0.0
    dscores = np.zeros_like(scores)
    for n in range(N):
        exps = np.exp(scores[n])
        probs = exps / np.sum(exps)
        loss += -np.log(probs[y[n]])
        dscores[n] = probs
        dscores[n, y[n]] -= 1
    return float(loss / N), dscores / N
