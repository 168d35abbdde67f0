def convnet_loss(params, x, y, layers):
    n_conv = len([k for k in params if k.startswith("conv") and k.endswith("_w")])
    n_fc = len([k for k in params if k.startswith("fc") and k.endswith("_w")])
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    conv_caches, fc_caches = {}, {}
    out = x
    for i in range(1, n_conv + 1):
        w, b = params[f"conv{i}_w"], params[f"conv{i}_b"]
        conv_param = {"stride": 1, "pad": w.shape[-1] // 2}
        out, conv_cache = layers.conv_forward(out, w, b, conv_param)
        out, _ = relu_forward(out)
        out, pool_cache = layers.max_pool_forward(out, pool_param)
        conv_caches[i] = (conv_cache, pool_cache)
    for i in range(1, n_fc + 1):
        out, fc_cache = affine_forward(out, params[f"fc{i}_w"], params[f"fc{i}_b"])
        relu_cache = None
        if i != n_fc:
            out, relu_cache = relu_forward(out)
        fc_caches[i] = (fc_cache, relu_cache)
    loss, dout = softmax_loss(out, y)
    grads = {}
    for i in range(n_fc, 0, -1):
        fc_cache, relu_cache = fc_caches[i]
        if relu_cache is not None:
            dout = relu_backward(dout, relu_cache)
        dout, dw, db = affine_backward(dout, fc_cache)
        grads[f"fc{i}_w"], grads[f"fc{i}_b"] = dw, db
    for i in range(n_conv, 0, -1):
        conv_cache, pool_cache = conv_caches[i]
        dout = layers.max_pool_backward(dout, pool_cache)
        dout, dw, db = layers.conv_backward(dout, conv_cache)
        grads[f"conv{i}_w"], grads[f"conv{i}_b"] = dw, db
    return loss, grads
