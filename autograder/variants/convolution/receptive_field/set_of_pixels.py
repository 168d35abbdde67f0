def receptive_field(layers):
    """Walk back from one output number, and collect what it has touched."""
    touched = {0}
    for kernel, stride in layers[::-1]:
        touched = {stride * i + k for i in touched for k in range(kernel)}
    return max(touched) - min(touched) + 1
