def conv_output_size(size, kernel, stride=1, pad=0):
    padded = size + 2 * pad
    if kernel > padded:
        raise ValueError("filter is too long")
    if (padded - kernel) % stride != 0:
        raise ValueError("last step does not end at the border")
    return (padded - kernel) // stride
