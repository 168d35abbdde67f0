def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    C, H, W = in_shape
    out_h = conv_output_size(H, kernel, stride, pad)
    out_w = conv_output_size(W, kernel, stride, pad)
    params = num_filters * (C * kernel * kernel + 1)
    numbers = num_filters * out_h * out_w
    madds = numbers * kernel * kernel
    return (num_filters, out_h, out_w), params, madds
