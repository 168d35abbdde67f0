def convnet_loss(params, x, y, layers):
    out = x
    steps = []
    i = 1
    while f"conv{i}_w" in params:
        w = params[f"conv{i}_w"]
        b = params[f"conv{i}_b"]
        out, c1 = layers.conv_forward(out, w, b, {"stride": 1, "pad": (w.shape[2] - 1) // 2})
        out, c2 = relu_forward(out)
        out, c3 = layers.max_pool_forward(out, {"pool_height": 2, "pool_width": 2, "stride": 2})
        steps.append((f"conv{i}", c1, c2, c3))
        i += 1
    i = 1
    while f"fc{i}_w" in params:
        out, c1 = affine_forward(out, params[f"fc{i}_w"], params[f"fc{i}_b"])
        out, c2 = relu_forward(out)
        steps.append((f"fc{i}", c1, c2, None))
        i += 1
    loss, d = softmax_loss(out, y)
    grads = {}
    for name, c1, c2, c3 in reversed(steps):
        if c3 is not None:
            d = layers.max_pool_backward(d, c3)
        d = relu_backward(d, c2)
        if name.startswith("conv"):
            d, grads[name + "_w"], grads[name + "_b"] = layers.conv_backward(d, c1)
        else:
            d, grads[name + "_w"], grads[name + "_b"] = affine_backward(d, c1)
    return loss, grads
