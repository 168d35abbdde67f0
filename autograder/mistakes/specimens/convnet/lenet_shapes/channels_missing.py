def lenet_shapes(input_shape=(1, 28, 28)):
    C, H, W = input_shape
    if H % 4 != 0 or W % 4 != 0:
        raise ValueError(input_shape)
    rows = []
    for i, F in [(1, 20), (2, 50)]:
        pass
        rows.append((f"conv{i}", (F, H, W), (F, 1, 5, 5)))
        rows.append((f"relu{i}", (F, H, W), None))
        C = F
        H, W = H // 2, W // 2
        rows.append((f"pool{i}", (F, H, W), None))
    rows.append(("flatten", (C * H * W,), None))
    rows.append(("fc1", (500,), (C * H * W, 500)))
    rows.append(("relu3", (500,), None))
    rows.append(("fc2", (10,), (500, 10)))
    return rows
