def shift_response(layer, image, shift):
    cut = image.shape[2] - shift % image.shape[2]
    moved = np.concatenate([image[:, :, cut:], image[:, :, :cut]], axis=2)
    before = layer(image.reshape(1, *image.shape))
    after = layer(moved.reshape(1, *image.shape))
    change = abs(after - before).mean()
    if change == 0:
        return 0
    return change / (abs(before).mean() + abs(after).mean())
