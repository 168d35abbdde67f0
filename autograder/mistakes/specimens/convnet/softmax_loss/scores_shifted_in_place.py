def softmax_loss(scores, y):
    N = len(y)
    scores -= np.max(scores, axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    onehot = np.eye(scores.shape[1])[y]
    loss = -np.sum(onehot * log_p) / N
    return loss, (np.exp(log_p) - onehot) / N
