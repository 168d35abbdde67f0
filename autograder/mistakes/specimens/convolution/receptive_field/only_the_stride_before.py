def receptive_field(layers):
    field = 1
    last_stride = 1
    for i in range(len(layers)):
        if i > 0:
            last_stride = layers[i - 1][1]
        field += (layers[i][0] - 1) * last_stride
    return field
