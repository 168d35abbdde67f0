def conv_output_size(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    match divmod(size + 2 * pad - kernel, stride):
        case (steps, 0) if steps >= 0:
            return steps + 1
        case (_, rest):
            raise ValueError(f"does not fit, {rest} left over")
