import numpy as np


def conv1d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    L_out = conv_output_size(x.shape[2], w.shape[2], stride, pad)
    out = np.empty((len(x), len(w), L_out), dtype=np.result_type(x, w, b))
    for n, sample in enumerate(x):
        for f, (kernel, bias) in enumerate(zip(w, b, strict=True)):
            total = bias
            for signal, taps in zip(sample, kernel, strict=True):
                total = total + np.correlate(np.pad(signal, pad), taps, mode="valid")
            out[n, f] = total[::stride]
    return out, (x, w, b, conv_param)
