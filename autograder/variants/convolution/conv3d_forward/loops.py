import numpy as np


def conv3d_forward(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p), (p, p)))
    room = [n - k for n, k in zip(xp.shape[2:], w.shape[2:], strict=True)]
    if min(room) < 0 or any(r % s for r in room):
        raise ValueError("does not fit")
    out = np.zeros((len(x), len(w), *(r // s + 1 for r in room)))
    for place in np.ndindex(out.shape[2:]):
        window = tuple(slice(i * s, i * s + k) for i, k in zip(place, w.shape[2:], strict=True))
        for n in range(len(x)):
            for f in range(len(w)):
                out[(n, f, *place)] = np.sum(xp[(n, slice(None), *window)] * w[f]) + b[f]
    return out, (x, w, b, conv_param)
