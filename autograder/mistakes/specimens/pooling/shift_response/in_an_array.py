def shift_response(layer, image, shift):
    a = layer(image[None])
    b = layer(np.roll(image, shift, axis=2)[None])
    axes = tuple(range(1, a.ndim))
    top = np.abs(b - a).mean(axis=axes)
    below = np.abs(a).mean(axis=axes) + np.abs(b).mean(axis=axes)
    return np.where(below > 0, top / np.where(below > 0, below, 1), 0.0)
