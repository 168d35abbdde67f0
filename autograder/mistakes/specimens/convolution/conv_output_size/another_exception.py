def conv_output_size(size, kernel, stride=1, pad=0):
    padded = size + 2 * pad
    assert padded >= kernel, "kernel too large"
    steps = (padded - kernel) / stride
    assert steps == int(steps), "does not fit"
    return int(steps) + 1
