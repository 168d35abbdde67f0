def layer_costs(input_shape, filters, kernel, hidden, classes):
    C, H, W = input_shape
    rows = []
    for number, F in enumerate(filters, start=1):
        places = H * W
        per_filter = C * kernel**2
        rows.append((f"conv{number}", F * places, F * per_filter + F, F * places * per_filter))
        H //= 2
        W //= 2
        C = F
    D = C * H * W
    for number, M in enumerate([*hidden, classes], start=1):
        rows.append((f"fc{number}", M, D * M + M, D * M))
        D = M
    return rows
