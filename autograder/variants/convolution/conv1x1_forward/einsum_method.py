import numpy as np


class OneByOne:
    subscripts = "fc,nchw->nfhw"

    def forward(self, x, w, b):
        out = np.einsum(self.subscripts, w, x, optimize=True)
        out += b.reshape(1, -1, 1, 1)
        return out


conv1x1_forward = OneByOne().forward
