def shift_response(layer, image, shift):
    a = layer(image[None])
    b = layer(np.roll(image, shift, axis=2)[None])
    below = np.abs(a).mean() + np.abs(b).mean()
    if below == 0:
        return 0.0
    return float(abs(np.mean(b) - np.mean(a)) / below)
