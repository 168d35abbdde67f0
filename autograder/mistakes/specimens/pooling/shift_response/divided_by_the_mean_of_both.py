def shift_response(layer, image, shift):
    a = layer(image[None])
    b = layer(np.roll(image, shift, axis=2)[None])
    size = (np.mean(np.abs(a)) + np.mean(np.abs(b))) / 2
    if size == 0:
        return 0.0
    return float(np.mean(np.abs(b - a)) / size)
