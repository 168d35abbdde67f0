def receptive_field(layers):
    field = 1
    distance = 1
    for layer in layers:
        kernel, stride = layer
        distance *= stride
        field += (kernel - 1) * distance
    return field
