import numpy as np


def shift_response(layer, image, shift):
    a, b = (layer(np.roll(image, k, axis=-1)[np.newaxis]) for k in (0, shift))
    l1 = lambda values: np.linalg.norm(values.ravel(), ord=1)  # noqa: E731
    # 0 / 0 warns and gives nan
    ratio = l1(b - a) / (l1(a) + l1(b))
    return float(np.nan_to_num(ratio))
