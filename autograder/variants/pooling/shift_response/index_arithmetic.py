import numpy as np


def shift_response(layer, image, shift):
    width = image.shape[2]
    moved = image[:, :, (np.arange(width) - shift) % width]
    before, after = layer(image.reshape(1, *image.shape)), layer(np.array([moved]))
    total = abs(before).mean() + abs(after).mean()
    return abs(after - before).mean().item() / total if total > 0 else 0.0
