import numpy as np


class Conv:
    def __init__(self, layers, w, b):
        self.layers, self.w, self.b = layers, w, b

    def forward(self, x):
        same = {"stride": 1, "pad": (self.w.shape[2] - 1) // 2}
        out, self.cache = self.layers.conv_forward(x, self.w, self.b, same)
        return out

    def backward(self, d):
        d, self.dw, self.db = self.layers.conv_backward(d, self.cache)
        return d


class Rectify:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, d):
        return d * self.mask


class Halve:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        param = dict.fromkeys(("pool_height", "pool_width", "stride"), 2)
        out, self.cache = self.layers.max_pool_forward(x, param)
        return out

    def backward(self, d):
        return self.layers.max_pool_backward(d, self.cache)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, d):
        return d.reshape(self.shape)


class Dense:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, d):
        self.dw, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.w.T


def build(params, layers):
    named, network = {}, []
    names = sorted(
        (key[:-2] for key in params if key.endswith("_w")),
        key=lambda n: (n[0], int(n.strip("convf"))),
    )
    flat = False
    for name in names:
        w, b = params[name + "_w"], params[name + "_b"]
        if name.startswith("conv"):
            named[name] = Conv(layers, w, b)
            network += [named[name], Rectify(), Halve(layers)]
        else:
            named[name] = Dense(w, b)
            network += [named[name]] if flat else [Flatten(), named[name]]
            network += [Rectify()]
            flat = True
    return named, network[:-1]


def convnet_loss(params, x, y, layers):
    named, network = build(params, layers)
    for layer in network:
        x = layer.forward(x)
    loss, d = softmax_loss(x, y)
    for layer in reversed(network):
        d = layer.backward(d)
    grads = {}
    for name, layer in named.items():
        grads[f"{name}_w"], grads[f"{name}_b"] = layer.dw, layer.db
    return np.float64(loss), grads
