def same_padding(kernel):
    if kernel < 1:
        raise ValueError("kernel must be positive")
    pad = int((kernel - 1) / 2)
    return pad
