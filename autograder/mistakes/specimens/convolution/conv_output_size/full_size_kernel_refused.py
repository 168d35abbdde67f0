def conv_output_size(size, kernel, stride=1, pad=0):
    room = size + 2 * pad - kernel
    if room <= 0:
        raise ValueError("The filter is too big")
    if room % stride > 0:
        raise ValueError("The filter does not end at the border")
    return room // stride + 1
