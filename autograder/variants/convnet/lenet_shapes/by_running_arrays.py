import numpy as np


def lenet_shapes(input_shape=(1, 28, 28)):
    """Send an empty image through, and write down what comes out."""
    image = np.zeros(input_shape)
    table = []

    def note(name, out, weights=None):
        table.append((name, out.shape, weights))
        return out

    def halve(a):
        c, h, w = a.shape
        return a.reshape(c, h // 2, 2, w // 2, 2).max(axis=(2, 4))  # a ValueError if h or w is odd

    for i, filters in ((1, 20), (2, 50)):
        weights = (filters, len(image), 5, 5)
        image = note(f"conv{i}", np.zeros((filters, *image.shape[1:])), weights)
        image = note(f"relu{i}", np.maximum(image, 0))
        image = note(f"pool{i}", halve(image))
    flat = note("flatten", image.ravel())
    note("fc1", np.zeros(500), (flat.size, 500))
    note("relu3", np.zeros(500))
    note("fc2", np.zeros(10), (500, 10))
    return table
