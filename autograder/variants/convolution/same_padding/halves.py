def same_padding(kernel):
    half, odd = divmod(kernel, 2)
    if not odd:
        raise ValueError("even")
    return half
