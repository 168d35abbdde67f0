def conv_output_size(size, kernel, stride=1, pad=0):
    new_size = size + 2 * pad
    if kernel > new_size:
        raise ValueError("kernel larger than input")
    count = 0
    start = 0
    while start + kernel <= new_size:
        count += 1
        start += stride
    return count
