def convnet_loss(params, x, y, layers):
    convs = sorted(k[:-2] for k in params if k.startswith("conv") and k.endswith("_w"))
    fcs = sorted(k[:-2] for k in params if k.startswith("fc") and k.endswith("_w"))
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    caches = []
    out = x
    for name in convs:
        w, b = params[name + "_w"], params[name + "_b"]
        pad = (w.shape[2] - 1) // 2
        out, cache1 = layers.conv_forward(out, w, b, {"stride": 1, "pad": pad})
        out, cache2 = relu_forward(out)
        out, cache3 = layers.max_pool_forward(out, pool_param)
        caches.append((cache1, cache2, cache3))
    for name in fcs:
        out, cache1 = affine_forward(out, params[name + "_w"], params[name + "_b"])
        cache2 = None
        if name != fcs[-1]:
            out, cache2 = relu_forward(out)
        caches.append((cache1, cache2))
    loss, dout = softmax_loss(out, y)
    loss = loss * len(x)
    grads = {}
    for name in reversed(fcs):
        cache1, cache2 = caches.pop()
        if cache2 is not None:
            dout = relu_backward(dout, cache2)
        dout, grads[name + "_w"], grads[name + "_b"] = affine_backward(dout, cache1)
    for name in reversed(convs):
        cache1, cache2, cache3 = caches.pop()
        dout = layers.max_pool_backward(dout, cache3)
        dout = relu_backward(dout, cache2)
        dout, grads[name + "_w"], grads[name + "_b"] = layers.conv_backward(dout, cache1)
    return loss, grads
