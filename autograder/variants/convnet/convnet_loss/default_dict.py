from collections import defaultdict


def convnet_loss(params, x, y, layers):
    convs = sum(k.startswith("conv") for k in params) // 2
    fcs = sum(k.startswith("fc") for k in params) // 2
    caches, out, grads = [], x, defaultdict(list)
    for i in range(1, convs + 1):
        w = params[f"conv{i}_w"]
        same = {"stride": 1, "pad": w.shape[2] // 2}
        out, a = layers.conv_forward(out, w, params[f"conv{i}_b"], same)
        out, b = relu_forward(out)
        out, c = layers.max_pool_forward(out, {"pool_height": 2, "pool_width": 2, "stride": 2})
        caches.append((a, b, c))
    for i in range(1, fcs + 1):
        if i > 1:
            out, r = relu_forward(out)
            caches.append(r)
        out, a = affine_forward(out, params[f"fc{i}_w"], params[f"fc{i}_b"])
        caches.append(a)
    loss, d = softmax_loss(out, y)
    for i in range(fcs, 0, -1):
        d, grads[f"fc{i}_w"], grads[f"fc{i}_b"] = affine_backward(d, caches.pop())
        if i > 1:
            d = relu_backward(d, caches.pop())
    for i in range(convs, 0, -1):
        a, b, c = caches.pop()
        d = relu_backward(layers.max_pool_backward(d, c), b)
        d, grads[f"conv{i}_w"], grads[f"conv{i}_b"] = layers.conv_backward(d, a)
    return loss, grads
