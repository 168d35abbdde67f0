import numpy as np


def softmax_loss(scores, y):
    """The loss of a sample is log(1 + sum of exp(other score - right score)), done safely."""
    N, K = scores.shape
    right = scores[np.arange(N), y].reshape(N, 1)
    margins = scores - right
    top = np.max(margins, axis=1, keepdims=True)
    e = np.exp(margins - top)
    total = np.sum(e, axis=1, keepdims=True)
    loss = np.sum(np.log(total) + top) / N
    p = e / total
    p -= np.arange(K) == y[:, np.newaxis]
    return loss.item(), p / N
