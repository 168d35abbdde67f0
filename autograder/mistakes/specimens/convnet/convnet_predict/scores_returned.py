def convnet_predict(params, x, layers):
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    n_conv = sum(k.startswith("conv") for k in params) // 2
    n_fc = sum(k.startswith("fc") for k in params) // 2
    h = x
    for i in range(1, n_conv + 1):
        w, b = params[f"conv{i}_w"], params[f"conv{i}_b"]
        h = layers.conv_forward(h, w, b, {"stride": 1, "pad": (w.shape[2] - 1) // 2})[0]
        h = relu_forward(h)[0]
        h = layers.max_pool_forward(h, pool_param)[0]
    for i in range(1, n_fc):
        h = affine_forward(h, params[f"fc{i}_w"], params[f"fc{i}_b"])[0]
        h = relu_forward(h)[0]
    scores = affine_forward(h, params[f"fc{n_fc}_w"], params[f"fc{n_fc}_b"])[0]
    return scores
