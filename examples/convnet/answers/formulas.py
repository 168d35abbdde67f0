# %% relu_forward
def relu_forward(x):
    return x * (x > 0), x


# %% relu_backward
def relu_backward(dout, cache):
    return dout * (cache > 0)


# %% softmax_loss
def softmax_loss(scores, y):
    one_hot = np.eye(scores.shape[1])[y]
    top = scores.max(axis=1, keepdims=True)
    log_sum = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    loss = float((log_sum - (scores * one_hot).sum(axis=1, keepdims=True)).mean())
    return loss, (np.exp(scores - log_sum) - one_hot) / len(y)


# %% layer_costs
def layer_costs(input_shape, filters, kernel, hidden, classes):
    params = {
        k: v.shape for k, v in init_convnet(input_shape, filters, kernel, hidden, classes).items()
    }
    rows, (_, H, W) = [], input_shape
    for key, shape in params.items():
        if not key.endswith("_w"):
            continue
        name = key[:-2]
        size = int(np.prod(shape))
        if name.startswith("conv"):
            F = shape[0]
            rows.append((name, F * H * W, size + F, size * H * W))
            H, W = H // 2, W // 2
            rows.append((name.replace("conv", "pool"), F * H * W, 0, 0))
        else:
            rows.append((name, shape[1], size + shape[1], size))
    return rows
