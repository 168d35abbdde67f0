# %% affine_forward
def affine_forward(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]), dtype=np.result_type(x, w, b))
    for n in range(x.shape[0]):
        out[n] = x[n].reshape(-1).dot(w) + b
    cache = (x, w, b)
    return out, cache


# %% affine_backward
def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
    for n in range(len(x)):
        dx[n] = w.dot(dout[n]).reshape(x[n].shape)
        dw += np.outer(x[n], dout[n])
        db += dout[n]
    return dx, dw, db


# %% relu_backward
def relu_backward(dout, cache):
    dx = dout.copy()
    dx[cache <= 0] = 0
    return dx


# %% softmax_loss
def softmax_loss(scores, y):
    N = scores.shape[0]
    loss = 0.0
    dscores = np.zeros_like(scores)
    for n in range(N):
        s = scores[n] - np.max(scores[n])
        e = np.exp(s)
        loss += np.log(e.sum()) - s[y[n]]
        dscores[n] = e / e.sum()
        dscores[n, y[n]] -= 1
    return loss / N, dscores / N


# %% sgd_momentum_step
def sgd_momentum_step(params, grads, state, lr, momentum):
    new, velocity = {}, {}
    for key in params:
        v = state[key] * momentum if key in state else np.zeros_like(params[key])
        v = v - lr * grads[key]
        velocity[key] = v
        new[key] = params[key] + v
    return new, velocity
