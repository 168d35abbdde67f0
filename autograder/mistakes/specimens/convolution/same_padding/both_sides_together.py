def same_padding(kernel):
    if kernel % 2 != 1:
        raise ValueError("only odd kernels")
    missing = kernel - 1
    return missing
