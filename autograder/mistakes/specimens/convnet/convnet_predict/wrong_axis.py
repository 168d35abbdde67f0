def convnet_predict(params, x, layers):
    out = x
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    i = 1
    while f"conv{i}_w" in params:
        w, b = params[f"conv{i}_w"], params[f"conv{i}_b"]
        out, _ = layers.conv_forward(out, w, b, {"stride": 1, "pad": w.shape[2] // 2})
        out, _ = relu_forward(out)
        out, _ = layers.max_pool_forward(out, pool_param)
        i += 1
    n_fc = sum(1 for k in params if k.startswith("fc")) // 2
    for i in range(1, n_fc + 1):
        out, _ = affine_forward(out, params[f"fc{i}_w"], params[f"fc{i}_b"])
        if i < n_fc:
            out, _ = relu_forward(out)
    return np.argmax(out, axis=0)
