# The loop's condition never becomes false.
# %% shift_response
def shift_response(layer, image, shift):
    moved = image.copy()
    while shift > 0:
        moved = np.roll(moved, 1, axis=2)
    return float(np.mean(np.abs(layer(moved[None]) - layer(image[None]))))
