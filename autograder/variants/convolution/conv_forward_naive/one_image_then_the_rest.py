import numpy as np


def conv_one(image, w, b, stride):
    F, C, HH, WW = w.shape
    rows = conv_output_size(image.shape[1], HH, stride)
    cols = conv_output_size(image.shape[2], WW, stride)
    result = np.empty((F, rows, cols), np.result_type(image, w, b))
    for index in np.ndindex(result.shape):
        f, i, j = index
        window = image[:, i * stride :, j * stride :][:, :HH, :WW]
        result[index] = (window * w[f]).sum() + b[f]
    return result


def conv_all(images, w, b, stride):
    head = conv_one(images[0], w, b, stride)[None]
    if len(images) == 1:
        return head
    return np.concatenate([head, conv_all(images[1:], w, b, stride)])


def conv_forward_naive(x, w, b, conv_param):
    p = conv_param["pad"]
    xp = np.pad(x, ((0,), (0,), (p,), (p,)))
    return conv_all(xp, w, b, conv_param["stride"]), (x, w, b, conv_param)
