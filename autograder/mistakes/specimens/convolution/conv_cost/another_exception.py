def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    C, H, W = in_shape
    sizes = []
    for n in (H, W):
        assert n + 2 * pad >= kernel, "kernel too large"
        assert (n + 2 * pad - kernel) % stride == 0, "stride does not fit"
        sizes.append((n + 2 * pad - kernel) // stride + 1)
    weights = C * kernel**2
    h, w = sizes
    return (num_filters, h, w), num_filters * (weights + 1), num_filters * h * w * weights
