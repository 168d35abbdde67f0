def softmax_loss(scores, y):
    N = scores.shape[0]
    loss = 0.0
    dscores = np.zeros_like(scores)
    for n in range(N):
        s = scores[n] - np.max(scores[n])
        e = np.exp(s)
        loss += np.log(e.sum()) - s[y[n]]
        dscores[n] = e / e.sum()
        dscores[n, y[n]] -= 1
    return loss / N, dscores / N
