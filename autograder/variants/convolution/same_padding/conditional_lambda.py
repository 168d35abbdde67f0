def refuse(kernel):
    raise ValueError(f"{kernel} is even")


same_padding = lambda kernel: kernel // 2 if kernel & 1 else refuse(kernel)  # noqa: E731
