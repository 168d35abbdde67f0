import functools
import itertools

import numpy as np


def numbered(params, kind):
    for i in itertools.count(1):
        if f"{kind}{i}_w" not in params:
            return
        yield params[f"{kind}{i}_w"], params[f"{kind}{i}_b"]


def convnet_predict(params, x, layers):
    def block(out, wb):
        w, b = wb
        out = layers.conv_forward(out, w, b, {"stride": 1, "pad": w.shape[2] // 2})[0]
        out = layers.max_pool_forward(out, {"pool_height": 2, "pool_width": 2, "stride": 2})[0]
        return np.where(out > 0, out, 0)

    maps = functools.reduce(block, numbered(params, "conv"), x)
    *hidden, (w, b) = numbered(params, "fc")
    rows = maps.reshape(len(x), -1)
    for wh, bh in hidden:
        rows = np.maximum(rows @ wh + bh, 0)
    scores = rows @ w + b
    return np.argmax(scores - scores.max(axis=-1, keepdims=True), axis=-1)
