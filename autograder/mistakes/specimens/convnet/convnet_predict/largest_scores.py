def convnet_predict(params, x, layers):
    out = x
    i = 1
    while f"conv{i}_w" in params:
        w, b = params[f"conv{i}_w"], params[f"conv{i}_b"]
        pad = (w.shape[2] - 1) // 2
        out, _ = layers.conv_forward(out, w, b, {"stride": 1, "pad": pad})
        pool = {"pool_height": 2, "pool_width": 2, "stride": 2}
        out, _ = layers.max_pool_forward(np.maximum(out, 0), pool)
        i += 1
    i = 1
    while f"fc{i}_w" in params:
        if i > 1:
            out = np.maximum(out, 0)
        out = out.reshape(len(x), -1) @ params[f"fc{i}_w"] + params[f"fc{i}_b"]
        i += 1
    return np.max(out, axis=1)
