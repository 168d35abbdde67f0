def check_fits(*, last, starts):
    if not starts or starts[-1] != last:
        raise ValueError("sizes do not work out")


def conv_output_size(size, kernel, stride=1, pad=0):
    last = size + 2 * pad - kernel
    starts = range(0, last + 1, stride)
    check_fits(last=last, starts=starts)
    return len(starts)
