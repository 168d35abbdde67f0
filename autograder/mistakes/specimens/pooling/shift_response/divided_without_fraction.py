def shift_response(layer, image, shift):
    a = layer(image[None, ...])
    b = layer(np.roll(image, shift, axis=-1)[None, ...])
    below = np.mean(np.abs(a)) + np.mean(np.abs(b))
    if below == 0:
        return 0.0
    return float(np.mean(np.abs(a - b)) // below)
