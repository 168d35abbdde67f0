def shift_response(layer, image, shift):
    columns = (np.arange(image.shape[-1]) - shift) % image.shape[-1]
    a, b = layer(image[np.newaxis]), layer(image[np.newaxis, :, :, columns])
    below = np.abs(a).sum() + np.abs(b).sum()
    return np.abs(a - b).sum() / below if below > 0 else 0.0
