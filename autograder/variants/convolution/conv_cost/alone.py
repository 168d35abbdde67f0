def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    sizes = []
    for n in in_shape[1:]:
        room = n + 2 * pad - kernel
        if room < 0 or room % stride:
            raise ValueError
        sizes.append(room // stride + 1)
    one = in_shape[0] * kernel**2
    shape = (num_filters, *sizes)
    return shape, num_filters * one + num_filters, one * num_filters * sizes[0] * sizes[1]
