def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    C, H, W = in_shape
    H2 = conv_output_size(H, kernel, stride, pad)
    W2 = conv_output_size(W, kernel, stride, pad)
    params = num_filters * C * kernel * kernel
    multiply_adds = H2 * W2 * params
    return (num_filters, H2, W2), params, multiply_adds
