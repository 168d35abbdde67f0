def shift_response(layer, image, shift):
    before = layer(image[None])
    image[:] = np.roll(image, shift, axis=2)
    after = layer(image[None])
    total = np.mean(np.abs(before)) + np.mean(np.abs(after))
    if total == 0:
        return 0.0
    return float(np.mean(np.abs(after - before)) / total)
