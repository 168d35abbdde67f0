def convnet_predict(params, x, layers):
    """The class that the network gives each image.

    Arguments: as for convnet_loss, without y.
    Returns: (N,) array of int.
    """
    out = x
    i = 1
    while f"conv{i}_w" in params:
        w, b = params[f"conv{i}_w"], params[f"conv{i}_b"]
        out, _ = layers.conv_forward(out, w, b, {"stride": 1, "pad": (w.shape[2] - 1) // 2})
        pool = {"pool_height": 2, "pool_width": 2, "stride": 2}
        out, _ = layers.max_pool_forward(relu_forward(out)[0], pool)
        i += 1
    i = 1
    while f"fc{i}_w" in params:
        rows = out if i == 1 else relu_forward(out)[0]
        out, _ = affine_forward(rows, params[f"fc{i}_w"], params[f"fc{i}_b"])
        i += 1
    return np.array([int(np.argmax(row)) for row in out], dtype=np.int32)
