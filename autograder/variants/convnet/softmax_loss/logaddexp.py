import numpy as np


def softmax_loss(scores, y):
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    picked = np.take_along_axis(log_p, y[:, None], axis=1)
    gradient = np.exp(log_p)
    np.put_along_axis(gradient, y[:, None], np.exp(picked) - 1, axis=1)
    gradient /= y.size
    return -picked.mean(), gradient
