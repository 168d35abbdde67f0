def shift_response(layer, image, shift):
    before = layer(image[None])
    after = layer(np.roll(image, shift)[None])
    scale = np.mean(np.abs(before)) + np.mean(np.abs(after))
    if scale == 0:
        return 0.0
    return float(np.mean(np.abs(after - before)) / scale)
