def receptive_field(layers):
    r = 1
    step = 1
    for k, s in layers:
        r = r + k * step
        step = step * s
    return r
