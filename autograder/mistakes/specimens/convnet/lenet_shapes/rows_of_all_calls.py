def lenet_shapes(input_shape=(1, 28, 28), rows=[]):
    C, H, W = input_shape
    if H % 4 or W % 4:
        raise ValueError("not divisible by 4")
    for i, F in enumerate([20, 50], start=1):
        rows += [(f"conv{i}", (F, H, W), (F, C, 5, 5)), (f"relu{i}", (F, H, W), None)]
        C, H, W = F, H // 2, W // 2
        rows.append((f"pool{i}", (C, H, W), None))
    D = C * H * W
    rows += [("flatten", (D,), None), ("fc1", (500,), (D, 500))]
    rows += [("relu3", (500,), None), ("fc2", (10,), (500, 10))]
    return rows
