def conv_output_size(size, kernel, stride=1, pad=0):
    room = size + 2 * pad - kernel
    if room < 0:
        raise ValueError("no room for the filter, or for its last step")
    if room == 0:
        return 1
    return 1 + conv_output_size(size - stride, kernel, stride, pad)
