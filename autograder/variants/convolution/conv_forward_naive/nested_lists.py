import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    s, pad = conv_param["stride"], conv_param["pad"]
    rows = range(conv_output_size(x.shape[2], w.shape[2], s, pad))
    cols = range(conv_output_size(x.shape[3], w.shape[3], s, pad))
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant", constant_values=0)

    def at(image, i, j):
        return image[:, s * i : s * i + w.shape[2], s * j : s * j + w.shape[3]]

    out = [
        [
            [[np.sum(at(image, i, j) * kernel) + bias for j in cols] for i in rows]
            for kernel, bias in zip(w, b, strict=True)
        ]
        for image in padded
    ]
    return np.array(out, dtype=np.result_type(x, w, b)), (x, w, b, conv_param)
