def conv_output_size(size, kernel, stride=1, pad=0):
    if size + 2 * pad < kernel:
        raise ValueError("filter longer than the padded input")
    out = (size + 2 * pad - kernel) / stride + 1
    if out != int(out):
        raise ValueError("not a whole number of steps")
    return out
