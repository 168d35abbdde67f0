def shift_response(layer, image, shift):
    batch = image[None]
    before = layer(batch)
    after = layer(np.roll(batch, shift, axis=2))
    total = np.mean(np.abs(before)) + np.mean(np.abs(after))
    if total == 0:
        return 0.0
    return float(np.mean(np.abs(after - before)) / total)
