def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    C, H, W = in_shape
    h = conv_output_size(H, kernel, stride, pad)
    w = conv_output_size(W, kernel, stride, pad)
    weights = C * kernel**2
    params = weights * num_filters + 1
    ops = weights * num_filters * h * w
    return (num_filters, h, w), params, ops
