import numpy as np


def convnet_predict(params, x, layers):
    """The class that would have the smallest loss, image by image."""

    def best(image):
        loss_of = lambda k: convnet_loss(params, image[None], np.array([k]), layers)[0]  # noqa: E731
        last = max(int(name[2:-2]) for name in params if name[:2] == "fc" and name[-1] == "b")
        return min(range(len(params[f"fc{last}_b"])), key=loss_of)

    return np.fromiter(map(best, x), dtype=int, count=len(x))
