import numpy as np


def conv3d_forward(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    out_size = [conv_output_size(n, k, s, p) for n, k in zip(x.shape[2:], w.shape[2:], strict=True)]
    inner = (slice(None), slice(None), *(slice(p, p + n) for n in x.shape[2:]))
    xp = np.zeros((*x.shape[:2], *(n + 2 * p for n in x.shape[2:])), dtype=x.dtype)
    xp[inner] = x
    out = np.zeros((len(x), len(w), *out_size), dtype=np.result_type(x, w, b))
    for offset in np.ndindex(w.shape[2:]):
        grid = tuple(slice(o, o + s * m, s) for o, m in zip(offset, out_size, strict=True))
        part = xp[(..., *grid)]
        out += np.einsum("fc,ncdhw->nfdhw", w[(..., *offset)], part, optimize=True)
    out += np.expand_dims(b, (1, 2, 3))
    return out, (x, w, b, conv_param)
