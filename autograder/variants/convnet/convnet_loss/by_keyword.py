import numpy as np


def convnet_loss(params, x, y, layers):
    conv_forward, conv_backward = layers.conv_forward, layers.conv_backward
    pool_forward = layers.max_pool_forward
    convs = sum(k.startswith("conv") for k in params) // 2
    fcs = sum(k.startswith("fc") for k in params) // 2
    caches, out, grads = [], x.astype(np.float64), {}
    for i in range(1, convs + 1):
        w, b = params[f"conv{i}_w"], params[f"conv{i}_b"]
        conv_param = {"stride": 1, "pad": w.shape[2] // 2}
        out, conv = conv_forward(x=out, w=w, b=b, conv_param=conv_param)
        out, relu = relu_forward(out)
        pool_param = {"stride": 2, "pool_width": 2, "pool_height": 2}
        out, pool = pool_forward(x=out, pool_param=pool_param)
        caches.append((conv, relu, pool))
    for i in range(1, fcs + 1):
        if i > 1:
            out, relu = relu_forward(out)
            caches.append(relu)
        out, fc = affine_forward(out, params[f"fc{i}_w"], params[f"fc{i}_b"])
        caches.append(fc)
    loss, d = softmax_loss(out, y)
    for i in range(fcs, 0, -1):
        d, grads[f"fc{i}_w"], grads[f"fc{i}_b"] = affine_backward(d, caches.pop())
        if i > 1:
            d = relu_backward(d, caches.pop())
    for i in range(convs, 0, -1):
        conv, relu, pool = caches.pop()
        d = relu_backward(layers.max_pool_backward(dout=d, cache=pool), relu)
        d, grads[f"conv{i}_w"], grads[f"conv{i}_b"] = conv_backward(dout=d, cache=conv)
    return loss, grads
