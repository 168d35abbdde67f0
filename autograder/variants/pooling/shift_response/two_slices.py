import numpy as np


def mean_abs(array, *, axis=None):
    return np.absolute(array).sum(axis=axis) / array.size


def shift_response(layer, image, shift):
    k = shift % image.shape[-1]
    batch = np.expand_dims(image, 0)
    moved = np.empty_like(batch)
    moved[..., k:] = batch[..., : batch.shape[-1] - k]
    moved[..., :k] = batch[..., batch.shape[-1] - k :]
    outputs = list(map(layer, [batch, moved]))
    if not any(map(np.any, outputs)):
        return 0.0
    return mean_abs(outputs[1] - outputs[0]) / sum(mean_abs(out) for out in outputs)
