def lenet_shapes(input_shape=(1, 28, 28)):
    C, H, W = input_shape
    if H % 4 != 0 or W % 4 != 0:
        raise ValueError("H and W must be divisible by 4")
    features = 50 * (H // 4) * (W // 4)
    return [
        ("conv1", (20, H, W), (20, C, 5, 5)),
        ("relu1", (20, H, W), None),
        ("pool1", (20, H // 2, W // 2), None),
        ("conv2", (50, H // 2, W // 2), (50, 20, 5, 5)),
        ("relu2", (50, H // 2, W // 2), None),
        ("pool2", (50, H // 4, W // 4), None),
        ("fc1", (500,), (features, 500)),
        ("relu3", (500,), None),
        ("fc2", (10,), (500, 10)),
    ]
