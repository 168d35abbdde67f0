r = 1
jump = 1


def receptive_field(layers):
    global r, jump
    for k, s in layers:
        r = r + (k - 1) * jump
        jump = jump * s
    return r
