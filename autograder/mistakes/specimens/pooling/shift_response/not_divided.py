def shift_response(layer, image, shift):
    a = layer(image[np.newaxis])
    moved = np.roll(image, shift, axis=-1)
    b = layer(moved[np.newaxis])
    return float(np.mean(np.abs(b - a)))
