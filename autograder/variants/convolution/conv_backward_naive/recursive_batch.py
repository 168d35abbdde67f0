import numpy as np


def one_image(image, w, grad, stride):
    dimage, dw = np.zeros_like(image), np.zeros_like(w)
    for (f, i, j), g in np.ndenumerate(grad):
        rows = slice(i * stride, i * stride + w.shape[2])
        cols = slice(j * stride, j * stride + w.shape[3])
        dimage[:, rows, cols] += g * w[f]
        dw[f] += g * image[:, rows, cols]
    return dimage, dw


def whole_batch(images, w, grads, stride):
    if len(images) == 0:
        return [], np.zeros_like(w)
    first, dw = one_image(images[0], w, grads[0], stride)
    others, dw_others = whole_batch(images[1:], w, grads[1:], stride)
    return [first, *others], dw + dw_others


def conv_backward_naive(dout, cache):
    x, w, _, conv_param = cache
    p = conv_param["pad"]
    images = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dimages, dw = whole_batch(images, w, dout, conv_param["stride"])
    dx = np.stack(dimages)[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    return dx, dw, np.sum(dout, axis=(0, 2, 3))
