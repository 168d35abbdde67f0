def same_padding(kernel):
    for pad in range(kernel):
        if conv_output_size(100, kernel, 1, pad) == 100:
            return pad
    raise ValueError(f"no padding keeps the size with a kernel of {kernel}")
