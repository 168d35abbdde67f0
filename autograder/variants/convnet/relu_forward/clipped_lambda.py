import numpy as np

relu_forward = lambda x: (np.clip(x, 0, None), x)  # noqa: E731
