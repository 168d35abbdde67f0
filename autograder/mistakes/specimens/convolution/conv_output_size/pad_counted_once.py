def conv_output_size(size, kernel, stride=1, pad=0):
    length = size + pad
    rest = length - kernel
    if rest < 0:
        raise ValueError("the filter does not fit")
    if rest % stride:
        raise ValueError("the stride does not fit")
    return rest // stride + 1
