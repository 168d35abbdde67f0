from functools import partial


def convnet_loss(params, x, y, layers):
    """Each layer leaves a function behind that knows the way back."""
    grads, way_back = {}, []

    def conv(out, name):
        w, b = params[name + "_w"], params[name + "_b"]
        out, cache = layers.conv_forward(out, w, b, {"stride": 1, "pad": w.shape[-1] // 2})

        def back(d):
            d, grads[name + "_w"], grads[name + "_b"] = layers.conv_backward(d, cache)
            return d

        way_back.append(back)
        return out

    def relu(out):
        out, cache = relu_forward(out)
        way_back.append(partial(relu_backward, cache=cache))
        return out

    def pool(out):
        halves = {"pool_height": 2, "pool_width": 2, "stride": 2}
        out, cache = layers.max_pool_forward(out, halves)
        way_back.append(lambda d: layers.max_pool_backward(d, cache))
        return out

    def affine(out, name):
        out, cache = affine_forward(out, params[name + "_w"], params[name + "_b"])

        def back(d):
            d, grads[name + "_w"], grads[name + "_b"] = affine_backward(d, cache)
            return d

        way_back.append(back)
        return out

    out, i = x, 1
    while (name := f"conv{i}") + "_w" in params:
        out, i = pool(relu(conv(out, name))), i + 1
    out, i = affine(out, "fc1"), 2
    while (name := f"fc{i}") + "_w" in params:
        out, i = affine(relu(out), name), i + 1
    loss, d = softmax_loss(out, y)
    while way_back:
        d = way_back.pop()(d)
    return loss, grads
