def through_affine(params, grads, rows, y, i):
    """Loss, and the derivative by the input of affine layer i; fills grads."""
    out, cache = affine_forward(rows, params[f"fc{i}_w"], params[f"fc{i}_b"])
    if f"fc{i + 1}_w" in params:
        active, inner = relu_forward(out)
        loss, d = through_affine(params, grads, active, y, i + 1)
        d = relu_backward(d, inner)
    else:
        loss, d = softmax_loss(out, y)
    d, grads[f"fc{i}_w"], grads[f"fc{i}_b"] = affine_backward(d, cache)
    return loss, d


def through_conv(params, grads, maps, y, layers, i):
    if f"conv{i}_w" not in params:
        return through_affine(params, grads, maps, y, 1)
    w = params[f"conv{i}_w"]
    param = {"stride": 1, "pad": (w.shape[3] - 1) // 2}
    out, c1 = layers.conv_forward(maps, w, params[f"conv{i}_b"], param)
    out, c2 = relu_forward(out)
    out, c3 = layers.max_pool_forward(out, {"pool_height": 2, "pool_width": 2, "stride": 2})
    loss, d = through_conv(params, grads, out, y, layers, i + 1)
    d = relu_backward(layers.max_pool_backward(d, c3), c2)
    d, grads[f"conv{i}_w"], grads[f"conv{i}_b"] = layers.conv_backward(d, c1)
    return loss, d


def convnet_loss(params, x, y, layers):
    grads = {}
    loss, _ = through_conv(params, grads, x, y, layers, 1)
    return loss, grads
