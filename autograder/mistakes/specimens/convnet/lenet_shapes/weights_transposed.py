def lenet_shapes(input_shape=(1, 28, 28)):
    C, H, W = input_shape
    if H % 4 != 0 or W % 4 != 0:
        raise ValueError("not divisible by 4")
    layers = []
    layers.append(("conv1", (20, H, W), (20, C, 5, 5)))
    layers.append(("relu1", (20, H, W), None))
    H, W = H // 2, W // 2
    layers.append(("pool1", (20, H, W), None))
    layers.append(("conv2", (50, H, W), (50, 20, 5, 5)))
    layers.append(("relu2", (50, H, W), None))
    H, W = H // 2, W // 2
    layers.append(("pool2", (50, H, W), None))
    layers.append(("flatten", (50 * H * W,), None))
    layers.append(("fc1", (500,), (500, 50 * H * W)))
    layers.append(("relu3", (500,), None))
    layers.append(("fc2", (10,), (10, 500)))
    return layers
