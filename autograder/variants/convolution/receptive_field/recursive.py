def receptive_field(layers):
    if not layers:
        return 1
    *before, (kernel, _) = layers
    jump = 1
    for _, stride in before:
        jump *= stride
    return receptive_field(before) + (kernel - 1) * jump
