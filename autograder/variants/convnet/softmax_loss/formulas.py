def softmax_loss(scores, y):
    one_hot = np.eye(scores.shape[1])[y]
    top = scores.max(axis=1, keepdims=True)
    log_sum = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    loss = float((log_sum - (scores * one_hot).sum(axis=1, keepdims=True)).mean())
    return loss, (np.exp(scores - log_sum) - one_hot) / len(y)
