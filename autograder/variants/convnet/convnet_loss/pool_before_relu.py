def convnet_loss(params, x, y, layers):
    """Loss of the network and the gradients of all its parameters.

    Arguments:
        params: dictionary as init_convnet makes it
        x: (N, C, H, W) images
        y: (N,) right classes
        layers: has conv_forward, conv_backward, max_pool_forward, max_pool_backward

    Returns: (loss, grads), where grads has the keys and shapes of params.
    The arguments are not changed.
    """
    convolutions = sum(name.startswith("conv") for name in params) // 2
    affines = sum(name.startswith("fc") for name in params) // 2
    caches = []
    out = x
    for i in range(1, convolutions + 1):
        w, b = params[f"conv{i}_w"], params[f"conv{i}_b"]
        out, conv = layers.conv_forward(out, w, b, {"stride": 1, "pad": (w.shape[2] - 1) // 2})
        pool = {"pool_height": 2, "pool_width": 2, "stride": 2}
        out, pool = layers.max_pool_forward(out, pool)
        out, relu = relu_forward(out)
        caches.append((conv, relu, pool))
    for i in range(1, affines + 1):
        out, affine = affine_forward(out, params[f"fc{i}_w"], params[f"fc{i}_b"])
        relu = None
        if i < affines:
            out, relu = relu_forward(out)
        caches.append((affine, relu))
    loss, dout = softmax_loss(out, y)
    grads = {}
    for i in range(affines, 0, -1):
        affine, relu = caches.pop()
        if relu is not None:
            dout = relu_backward(dout, relu)
        dout, grads[f"fc{i}_w"], grads[f"fc{i}_b"] = affine_backward(dout, affine)
    for i in range(convolutions, 0, -1):
        conv, relu, pool = caches.pop()
        dout = layers.max_pool_backward(relu_backward(dout, relu), pool)
        dout, grads[f"conv{i}_w"], grads[f"conv{i}_b"] = layers.conv_backward(dout, conv)
    return loss, grads
