def shift_response(layer, image, shift):
    C, H, W = image.shape
    moved = np.zeros_like(image)
    for j in range(W):
        if 0 <= j - shift < W:
            moved[:, :, j] = image[:, :, j - shift]
    a = layer(image[None])
    b = layer(moved[None])
    below = np.mean(np.abs(a)) + np.mean(np.abs(b))
    if below == 0:
        return 0.0
    return float(np.mean(np.abs(b - a)) / below)
