# %% [markdown]
# # A whole network
#
# **When do layers become a machine that reads?**
#
# You have a convolution and a pooling layer. Alone they compute; they do not know anything. In this
# notebook you put them together with a few simple layers, tell the result how wrong it is, and let it
# correct itself a few hundred times. At the end it reads handwritten digits, and you have written every
# line of it.
#
# **Who this is for.** You have met convolution and max pooling, best by writing them. It does not matter
# whether yours are finished: what is missing or wrong is replaced by ours, here and when you are graded.
#
# **What you build.** The fully connected layer, ReLU and the softmax loss; the network of the lecture,
# LeNet; a step of gradient descent, and the loop that trains. Then you look inside: what do the filters
# look for, what costs how much, and is the convolution worth it?
#
# **How to work, check and score.** As in the notebook on convolution: write the function, run the check
# below it, read what it says. Points are shown at every task and add up to 100; three questions are read
# by a person. All of it is about six hours.
#
# *The text and figures of this notebook are licensed under
# [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), its code under the MIT licence. The page
# `docs/datasets.md` of the kit says where the data come from.*

# %%
import os
import time
from contextlib import contextmanager

# Our products of matrices are small: several threads would wait for each other most of the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, datasets, my_layers, play, progress

plt.rcParams.update({"figure.dpi": 100, "image.cmap": "gray", "axes.titlesize": 10})


# %%
@contextmanager
def look(*functions):
    """Show a picture, or say in one sentence which of your functions it is waiting for."""
    try:
        yield
    except NotImplementedError:
        plt.close("all")
        print(f"There is something to see here once you have written {' and '.join(functions)}.")
    except Exception as problem:
        plt.close("all")
        print(
            f"There is nothing to see here yet, because of {type(problem).__name__}: {problem}\n"
            f"The checks of {' and '.join(functions)} say more."
        )


# %% [markdown]
# ## 1 · The simple layers
#
# A convolution relates neighbours. At the end of a network somebody has to look at the whole picture and
# say what it is. That is the *fully connected* or *affine* layer: every output number is a weighted sum of
# **all** input numbers, plus a bias.

# %% [markdown]
# ### Task 1. The affine layer, forward
# `affine_forward` · ★ · about 10 minutes · 5 points
#
# A sample may have any shape, an image `(C, H, W)` for instance. The layer reads it as one row of `D`
# numbers, in the order in which NumPy's `reshape` gives them, and multiplies the row with the weights.
#
# <details><summary>Hint 1: a nudge</summary>
#
# How do you make one row of each sample, whatever its shape is?
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# `x.reshape(N, -1)` has one row for each sample. What is the shape of its product with `w`?
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# Rows times weights, plus the bias, which NumPy adds to each row by itself.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "affine_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def affine_forward(x, w, b):
    """Forward pass of a fully connected layer.

    Arguments:
        x: (N, d1, ..., dk) array; with D = d1 * ... * dk
        w: (D, M)
        b: (M,)

    Returns: (out, cache)
        out: (N, M)
        cache: the tuple (x, w, b)
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    return x.reshape(x.shape[0], -1) @ w + b, (x, w, b)
    ### END SOLUTION


# %% autograder={"difficulty": 1, "minutes": 10, "title": "The affine layer, forward"} nbgrader={"grade": true, "grade_id": "affine_forward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("affine_forward")

# %% [markdown]
# ### Task 2. The affine layer, backward
# `affine_backward` · ★★ · about 15 minutes · 7 points
#
# `dout` says how the loss changes with every output number. Pass that on: how does it change with every
# input, every weight and every bias? A gradient always has the shape of what it belongs to.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Write the layer for one sample and two inputs on paper, and take derivatives.
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# Each of the three gradients is one product of matrices, or one sum. The shapes leave hardly a choice.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# `dout` times the transposed weights gives rows of `dx`; the transposed rows times `dout` give `dw`; and a bias is used by every sample.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "affine_backward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def affine_backward(dout, cache):
    """Backward pass of a fully connected layer.

    Arguments:
        dout: (N, M), the gradient of the loss with respect to out
        cache: the tuple (x, w, b) that affine_forward returned

    Returns: (dx, dw, db), of the shapes of x, w and b.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    x, w, _ = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, dout.sum(axis=0)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 15, "title": "The affine layer, backward"} nbgrader={"grade": true, "grade_id": "affine_backward", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check("affine_backward")

# %% [markdown]
# ### Task 3. ReLU, forward
# `relu_forward` · ★ · about 3 minutes · 3 points
#
# Without something that is not linear between them, two layers are no more than one. The simplest thing
# that does it: what is negative becomes zero.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Compare every number with zero.
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# Is there a NumPy function that takes the larger of two?
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# `np.maximum` works element by element; `np.max` does something else.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "relu_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_forward(x):
    """max(0, x), element by element.

    Arguments: x, an array of any shape.
    Returns: (out, cache), where out has the shape of x, and cache is x itself.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    return np.maximum(x, 0), x
    ### END SOLUTION


# %% autograder={"difficulty": 1, "minutes": 3, "title": "ReLU, forward"} nbgrader={"grade": true, "grade_id": "relu_forward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("relu_forward")

# %% [markdown]
# ### Task 4. ReLU, backward
# `relu_backward` · ★ · about 5 minutes · 4 points
#
# Where the input was positive, a small change goes straight through. Where it was negative, the output is
# zero and stays zero. At exactly zero there is no slope; we agree on the gradient 0.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which array decides where the gradient passes: the input or dout?
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# A comparison gives an array of True and False.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# `np.where(condition, this, that)` picks element by element.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "relu_backward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_backward(dout, cache):
    """Backward pass of ReLU: the gradient passes where x > 0, and is 0 elsewhere.

    Arguments:
        dout: the gradient of the loss with respect to out
        cache: x, as relu_forward returned it

    Returns: dx, of the shape of x.
    """
    ### BEGIN SOLUTION
    return np.where(cache > 0, dout, 0)
    ### END SOLUTION


# %% autograder={"difficulty": 1, "minutes": 5, "title": "ReLU, backward"} nbgrader={"grade": true, "grade_id": "relu_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("relu_backward")

# %% [markdown]
# ## 2 · How wrong is it?
#
# The network ends in ten *scores*, one for each class. Softmax turns a row of scores into probabilities:
# `p = exp(score) / sum of all exp`. If the right class gets the probability `p`, the loss is `−log p`: nothing
# if the network is sure and right, a lot if it is sure and wrong. The loss of a batch is the **mean** over its
# samples.
#
# A fact that makes it pleasant: the gradient of one sample's loss is `p`, minus 1 at the right class.

# %% [markdown]
# ### Task 5. Softmax loss
# `softmax_loss` · ★★★ · about 25 minutes · 10 points
#
# Beware of `exp`: a score of 1,000 is legal, and `exp(1000)` is infinity. Softmax has a way out, since adding
# the same number to all scores of a row changes no probability.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which number could you subtract from each row so that no exponential is larger than 1?
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# log p = (score − largest) − log of the sum of exp(score − largest). No division is needed, nor the logarithm of a tiny number.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# `rows = np.arange(N)`; then `log_p[rows, y]` picks each sample's right class. The gradient is `exp(log_p)`, minus 1 at these places, all divided by N.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "softmax_loss-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_loss(scores, y):
    """Mean cross entropy of the softmax of the scores, and its gradient.

    Arguments:
        scores: (N, K) array, however large its numbers are
        y: (N,) array of int, the right classes, 0 to K - 1

    Returns: (loss, dscores)
        loss: float, the mean over the N samples
        dscores: (N, K), the gradient of that mean with respect to scores
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(scores))
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dscores = np.exp(log_p)
    dscores[rows, y] -= 1
    return float(-log_p[rows, y].mean()), dscores / len(scores)
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 25, "title": "Softmax loss"} nbgrader={"grade": true, "grade_id": "softmax_loss", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check("softmax_loss")

# %% [markdown]
# ## 3 · The plan of LeNet
#
# LeNet-5 is the grandfather of convolutional networks. In the form of the lecture it takes one 28×28 picture
# of a digit:
#
# - a convolution with **20** filters of 5×5 and padding 2, ReLU, max pooling 2×2;
# - a convolution with **50** filters of 5×5 and padding 2, ReLU, max pooling 2×2;
# - flatten: all numbers in one row;
# - an affine layer with **500** outputs, ReLU, and one with **10** outputs, the scores.

# %% [markdown]
# ### Task 6. The shapes of LeNet
# `lenet_shapes` · ★★ · about 20 minutes · 8 points
#
# Go through the network and write down what comes out of each layer, and how large its weights are. The
# rows are called `conv1`, `relu1`, `pool1`, `conv2`, `relu2`, `pool2`, `flatten`, `fc1`, `relu3`, `fc2`. Heights
# and widths that are not divisible by 4 do not fit two layers of pooling: raise a `ValueError`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Padding 2 with a kernel of 5: what does that do to the size?
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# Weights of a convolution are (F, C, 5, 5); those of an affine layer are (inputs, outputs). Layers without weights have None.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# Keep channels, height and width in three variables, and change them as you go.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "lenet_shapes-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lenet_shapes(input_shape=(1, 28, 28)):
    """The layers of LeNet for one image.

    Arguments: input_shape, (C, H, W).
    Returns: list of tuples (layer, output shape, weight shape or None), for instance
        ("conv1", (20, 28, 28), (20, 1, 5, 5)) and ("flatten", (2450,), None).
    Raises: ValueError if H or W is not divisible by 4.
    """
    ### BEGIN SOLUTION
    C, H, W = input_shape
    if H % 4 or W % 4:
        raise ValueError(f"height and width must be divisible by 4, not {H} and {W}")
    rows = []
    for i, F in ((1, 20), (2, 50)):
        rows += [(f"conv{i}", (F, H, W), (F, C, 5, 5)), (f"relu{i}", (F, H, W), None)]
        C, H, W = F, H // 2, W // 2
        rows.append((f"pool{i}", (C, H, W), None))
    rows += [("flatten", (C * H * W,), None), ("fc1", (500,), (C * H * W, 500))]
    return [*rows, ("relu3", (500,), None), ("fc2", (10,), (500, 10))]
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 20, "title": "The shapes of LeNet"} nbgrader={"grade": true, "grade_id": "lenet_shapes", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check("lenet_shapes")

# %% [markdown]
# **Look.** Width of a box: pixels along one side. Height: channels. Space shrinks, channels grow.

# %% tags=["experiment"]
with look("lenet_shapes"):
    fig, ax = plt.subplots(figsize=(10, 2.8))
    left = 0.0
    for name, out, weights in [("input", (1, 28, 28), None), *lenet_shapes()]:
        if name.startswith("relu") or name == "flatten":
            continue
        channels, side = (out[0], out[1]) if len(out) == 3 else (out[0], 1)
        width, height = 0.3 + side / 14, 0.3 + np.log2(channels) / 3
        color = "C0" if name.startswith("conv") else "C1" if name.startswith("fc") else "0.75"
        ax.add_patch(plt.Rectangle((left, -height / 2), width, height, color=color))
        ax.text(left + width / 2, 1.85, name, ha="center")
        ax.text(left + width / 2, -2.0, "×".join(map(str, out)), ha="center", fontsize=8)
        left += width + 0.6
    ax.set(xlim=(-0.3, left), ylim=(-2.3, 2.2))
    ax.axis("off")
    plt.show()

# %% [markdown] autograder={"difficulty": 2, "minutes": 10, "title": "Space and channels"} nbgrader={"grade": true, "grade_id": "written_space_and_channels", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question A. Space and channels
# `written_space_and_channels` · ★★ · about 10 minutes · 3 points
#
# 1. From the input to `pool2`, the number of pixels falls from 784 to 49 while the channels grow from 1 to 50.
#    What is gained by more channels, and why can the network afford to lose pixels?
# 2. The order *convolution, ReLU, pooling* and the order *convolution, pooling, ReLU* give the same output
#    for **max** pooling. Why? Which one is cheaper?
#
# ### BEGIN SOLUTION
# **Model answer.** Each channel answers one question ("is there a stroke that bends like this?"). Deeper layers
# ask more specific questions, of which there are more, so more channels are needed; what is given up is the
# exact place, which matters little for what the digit is, and the receptive field grows at the same time. ReLU
# never changes an order: a larger number stays at least as large. So the maximum of the cut numbers is the cut
# maximum. Pooling first is cheaper, as ReLU then works on a quarter of the numbers.
#
# **Mark scheme.** 1 point: channels are different, more specific features, and exact place is given up. 1 point:
# ReLU is monotonic, so it commutes with the maximum. 1 point: pooling first is cheaper, with the factor of 4.
# ### END SOLUTION

# %% [markdown]
# ## 4 · Putting it together
#
# Our networks have one plan, with as many layers as you like: **[convolution, ReLU, pooling]** a few times,
# flatten, **[affine, ReLU]** a few times, and one more affine layer for the scores. Convolutions keep the size
# (odd kernels, same padding), pooling halves it.
#
# The weights live in one dictionary: `conv1_w`, `conv1_b`, `conv2_w`, …, `fc1_w`, `fc1_b`, …, with the names
# counted from 1.

# %% [markdown]
# ### Task 7. Where to start
# `init_convnet` · ★★★ · about 20 minutes · 8 points
#
# All weights zero would be a trap: all filters would get the same gradient and stay the same for ever. So start
# with random weights. How large? If one output adds up `fan_in` products, its variance is `fan_in` times the
# variance of a weight. ReLU throws about half of it away. Weights with the standard deviation `sqrt(2 / fan_in)`
# keep the size of the signal from layer to layer. Biases start at zero.
#
# <details><summary>Hint 1: a nudge</summary>
#
# How many products does one output of a filter add up? And one output of an affine layer?
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# fan_in is C·K·K for a filter and D for an affine layer. You need the number of channels, height and width as you go.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# Make one generator from the seed, before the first layer, and draw all weights from it: numbers
# with the standard deviation 1, times the scale of the layer. After each convolution height and width halve.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "init_convnet-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def init_convnet(input_shape, filters, kernel, hidden, classes, seed=0):
    """The parameters of a network before training.

    Arguments:
        input_shape: (C, H, W), divisible by 2 as often as there are convolutions
        filters: list of int, the number of filters of each convolution
        kernel: int, odd; the filters are kernel × kernel
        hidden: list of int, the outputs of each affine layer but the last; may be empty
        classes: int, the outputs of the last affine layer
        seed: int; the same seed gives the same numbers, another one others

    Returns: dictionary of float64 arrays: conv1_w (F, C, kernel, kernel), conv1_b (F,), ...,
        fc1_w (D, M), fc1_b (M,), ...; weights are normally distributed around 0 with the
        standard deviation sqrt(2 / fan_in), biases are 0.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    params = {}
    C, H, W = input_shape
    for i, F in enumerate(filters, 1):
        scale = np.sqrt(2 / (C * kernel * kernel))
        params[f"conv{i}_w"] = scale * rng.standard_normal((F, C, kernel, kernel))
        params[f"conv{i}_b"] = np.zeros(F)
        C, H, W = F, H // 2, W // 2
    D = C * H * W
    for i, M in enumerate([*hidden, classes], 1):
        params[f"fc{i}_w"] = np.sqrt(2 / D) * rng.standard_normal((D, M))
        params[f"fc{i}_b"] = np.zeros(M)
        D = M
    return params
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 20, "title": "Where to start"} nbgrader={"grade": true, "grade_id": "init_convnet", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check("init_convnet")

# %% [markdown]
# **The layers of before.** The next cell looks for your notebooks on convolution and pooling and tries their
# functions. It says of each layer whether yours is used, or ours and why. When you are graded, it is always ours,
# so nothing that went wrong earlier costs you points here.

# %%
layers = my_layers()

# %% [markdown]
# ### Task 8. Loss and gradients of a network
# `convnet_loss` · ★★★★ · about 60 minutes · 20 points
#
# The heart of it. Forward: each layer takes what the one before gave. Backward: the same way back, with every
# layer's backward pass and its cache. `layers` has four functions, called as you know them:
# `layers.conv_forward(x, w, b, conv_param)`, `layers.conv_backward(dout, cache)`,
# `layers.max_pool_forward(x, pool_param)`, `layers.max_pool_backward(dout, cache)`. The others are your own, from
# above. How many layers there are, you read off the names in `params`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A list of caches that grows on the way forward is emptied from its end on the way back.
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# Count the convolutions: `while f"conv{i}_w" in params`. Padding is (kernel − 1) // 2. After the last affine layer there is no ReLU.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# Forward, for each convolution: append three caches. For each affine layer: one cache, and one more for the ReLU, if it is not the last. Backward: start with dscores; affine layers in reverse; reshape to the shape before flattening; then pooling, ReLU, convolution in reverse. The affine layer already gives dx the shape of its input.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "convnet_loss-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convnet_loss(params, x, y, layers):
    """Loss of the network and the gradients of all its parameters.

    Arguments:
        params: dictionary as init_convnet makes it
        x: (N, C, H, W) images
        y: (N,) right classes
        layers: has conv_forward, conv_backward, max_pool_forward, max_pool_backward

    Returns: (loss, grads), where grads has the keys and shapes of params.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    convolutions = sum(name.startswith("conv") for name in params) // 2
    affines = sum(name.startswith("fc") for name in params) // 2
    caches = []
    out = x
    for i in range(1, convolutions + 1):
        w, b = params[f"conv{i}_w"], params[f"conv{i}_b"]
        out, conv = layers.conv_forward(out, w, b, {"stride": 1, "pad": (w.shape[2] - 1) // 2})
        out, relu = relu_forward(out)
        pool = {"pool_height": 2, "pool_width": 2, "stride": 2}
        out, pool = layers.max_pool_forward(out, pool)
        caches.append((conv, relu, pool))
    for i in range(1, affines + 1):
        out, affine = affine_forward(out, params[f"fc{i}_w"], params[f"fc{i}_b"])
        relu = None
        if i < affines:
            out, relu = relu_forward(out)
        caches.append((affine, relu))
    loss, dout = softmax_loss(out, y)
    grads = {}
    for i in range(affines, 0, -1):
        affine, relu = caches.pop()
        if relu is not None:
            dout = relu_backward(dout, relu)
        dout, grads[f"fc{i}_w"], grads[f"fc{i}_b"] = affine_backward(dout, affine)
    for i in range(convolutions, 0, -1):
        conv, relu, pool = caches.pop()
        dout = relu_backward(layers.max_pool_backward(dout, pool), relu)
        dout, grads[f"conv{i}_w"], grads[f"conv{i}_b"] = layers.conv_backward(dout, conv)
    return loss, grads
    ### END SOLUTION


# %% autograder={"difficulty": 4, "minutes": 60, "title": "Loss and gradients of a network"} nbgrader={"grade": true, "grade_id": "convnet_loss", "locked": true, "points": 20, "schema_version": 3, "solution": false, "task": false}
check("convnet_loss")

# %% [markdown]
# ### Task 9. What does it say?
# `convnet_predict` · ★★ · about 10 minutes · 5 points
#
# The forward pass once more, without a loss: for each image, the class with the largest score.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which part of convnet_loss do you need?
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# Probabilities are in the same order as scores, so softmax is not needed.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# Forward through all layers, then `argmax` over the axis of the classes.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "convnet_predict-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convnet_predict(params, x, layers):
    """The class that the network gives each image.

    Arguments: as for convnet_loss, without y.
    Returns: (N,) array of int.
    """
    ### BEGIN SOLUTION
    out = x
    i = 1
    while f"conv{i}_w" in params:
        w, b = params[f"conv{i}_w"], params[f"conv{i}_b"]
        out, _ = layers.conv_forward(out, w, b, {"stride": 1, "pad": (w.shape[2] - 1) // 2})
        pool = {"pool_height": 2, "pool_width": 2, "stride": 2}
        out, _ = layers.max_pool_forward(relu_forward(out)[0], pool)
        i += 1
    i = 1
    while f"fc{i}_w" in params:
        rows = out if i == 1 else relu_forward(out)[0]
        out, _ = affine_forward(rows, params[f"fc{i}_w"], params[f"fc{i}_b"])
        i += 1
    return out.argmax(axis=1)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 10, "title": "What does it say?"} nbgrader={"grade": true, "grade_id": "convnet_predict", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("convnet_predict")

# %% [markdown]
# ## 5 · Learning
#
# The gradient points to where the loss grows, so step against it. *Momentum* remembers where it was going, like a
# ball that rolls: the velocity keeps a part `momentum` of itself and is pushed by the gradient,
#
#     v  ←  momentum · v  −  lr · gradient
#     p  ←  p + v
#
# with the learning rate `lr`. In narrow valleys the pushes across cancel out, and those along add up.

# %% [markdown]
# ### Task 10. One step
# `sgd_momentum_step` · ★★ · about 10 minutes · 6 points
#
# For all arrays at once. `state` holds the velocities under the names of the parameters; before the first step it
# is empty, which means that all velocities are zero. Make new dictionaries and new arrays.
#
# <details><summary>Hint 1: a nudge</summary>
#
# What is the velocity of an array that is not in state yet?
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# `state.get(name, 0.0)` gives zero where there is nothing.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# First the new velocities, in a new dictionary; then p + v, in another.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "sgd_momentum_step-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd_momentum_step(params, grads, state, lr, momentum):
    """One step of gradient descent with momentum.

    Arguments:
        params, grads: dictionaries of arrays with the same keys and shapes
        state: the velocities under the same keys, or an empty dictionary
        lr, momentum: float

    Returns: (params, state), new dictionaries. The arguments are not changed.
    """
    ### BEGIN SOLUTION
    state = {name: momentum * state.get(name, 0.0) - lr * grads[name] for name in params}
    return {name: params[name] + state[name] for name in params}, state
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 10, "title": "One step"} nbgrader={"grade": true, "grade_id": "sgd_momentum_step", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("sgd_momentum_step")

# %% [markdown]
# ### Task 11. Training
# `train_convnet` · ★★★ · about 25 minutes · 10 points
#
# An *epoch* shows every image once, in a new random order, in batches of `batch_size`; if the images do not fill
# the last batch, it is smaller. After each batch comes one step. Write down each step's loss.
#
# The check trains a small network on 810 digits for four epochs. It must then get 70 % of 360 other digits
# right. Correct code lies clearly above that with every seed.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Images and labels must be shuffled alike. How?
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# A random permutation of the numbers 0 to N − 1 can be used as an index: the same numbers pick images and
# labels that belong together.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# One generator from the seed. For each epoch a permutation; for start in steps of batch_size: loss and gradients of that part, one step, keep params, state and the loss.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "train_convnet-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_convnet(params, x, y, layers, lr, momentum, batch_size, epochs, seed):
    """Train a network.

    Arguments:
        params, x, y, layers: as for convnet_loss
        lr, momentum: float
        batch_size, epochs: int
        seed: int, of the random order; the same seed gives the same result

    Returns: (params, losses), the trained parameters, and a list with the loss of each step.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    state, losses = {}, []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = convnet_loss(params, x[batch], y[batch], layers)
            params, state = sgd_momentum_step(params, grads, state, lr, momentum)
            losses.append(loss)
    return params, losses
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 25, "title": "Training"} nbgrader={"grade": true, "grade_id": "train_convnet", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check("train_convnet")

# %% [markdown]
# **Look.** A small network learns 8×8 digits. It takes a second or two.

# %% tags=["experiment"]
with look("train_convnet", "convnet_predict", "init_convnet"):
    small = datasets.digits()
    params = init_convnet((1, 8, 8), [8], 3, [32], 10)
    curve = []
    losses = []
    for epoch in range(8):
        params, more = train_convnet(params, small.x_train, small.y_train, layers, 0.05, 0.9, 50, 1, epoch)
        losses += more
        curve.append(np.mean(convnet_predict(params, small.x_test, layers) == small.y_test))
    fig, axes = plt.subplots(1, 2, figsize=(9, 2.8))
    axes[0].plot(losses)
    axes[0].set(xlabel="step", ylabel="loss", ylim=(0, 2.6))
    axes[1].plot(range(1, 9), curve, "o-")
    axes[1].set(xlabel="epoch", ylabel="right on test images", ylim=(0, 1))
    fig.tight_layout()
    plt.show()
    print(f"After 8 epochs {curve[-1]:.1%} of the test images are right.")

# %% [markdown]
# ## 6 · LeNet reads
#
# Now the network of the lecture, on 6,000 digits of MNIST, 28×28 pixels. Numbers with single precision
# (`float32`) make it twice as fast. Choose how many epochs you have patience for: one takes some seconds with our
# layers. Five are enough for more than 97 %.

# %% tags=["experiment"]
epochs = 5
lenet = {}
with look("train_convnet", "convnet_predict", "init_convnet"):
    data = datasets.mnist()
    lenet = {k: v.astype(np.float32) for k, v in init_convnet((1, 28, 28), [20, 50], 5, [500], 10).items()}
    start, lenet_losses = time.process_time(), []
    for epoch in range(epochs):
        rate = 0.02 if epoch < epochs - 2 else 0.005
        lenet, more = train_convnet(lenet, data.x_train, data.y_train, layers, rate, 0.9, 50, 1, epoch)
        lenet_losses += more
        right = np.mean(convnet_predict(lenet, data.x_test, layers) == data.y_test)
        seconds = time.process_time() - start
        print(f"epoch {epoch + 1}: loss {np.mean(more):.3f}, test {right:.1%}, {seconds:.0f} s of CPU time")
    fig, ax = plt.subplots(figsize=(6, 2.5))
    ax.semilogy(lenet_losses)
    ax.set(xlabel="step", ylabel="loss", title="LeNet learns MNIST")
    plt.show()

# %% [markdown]
# **Look inside.** The twenty filters of the first layer, 5×5 pixels each. At the beginning they were noise.
# After so short a training many still look rough, but some already compare one side with the other: red
# next to blue.

# %% tags=["experiment"]
with look("train_convnet"):
    if not lenet:
        raise NotImplementedError
    fig, axes = plt.subplots(2, 10, figsize=(9, 2))
    bound = np.abs(lenet["conv1_w"]).max()
    for ax, kernel in zip(axes.flat, lenet["conv1_w"], strict=True):
        ax.imshow(kernel[0], cmap="RdBu_r", vmin=-bound, vmax=bound)
        ax.axis("off")
    plt.show()

# %% [markdown]
# **Play: draw a digit.** Click cells, or edit the drawing as text, and see what LeNet reads and what its layers
# make of it. Draw a 1, then make a 7 of it: at which cell does the network change its mind? Which maps answer
# to level strokes only?

# %% tags=["experiment"]
with look("train_convnet", "convnet_predict"):
    if not lenet:
        raise NotImplementedError
    display(play.draw_digit(convnet_predict, lenet, layers, data))

# %% [markdown]
# ## 7 · Is the convolution worth it?
#
# A fair question: an affine layer can do all that a convolution does, and more. Let us compare on pictures in which
# the same ten shapes appear anywhere, in any colours: disc, ring, square, frame, triangle, cross, plus, bars, checkerboard.
# Three networks: scores straight from the pixels (linear), one hidden layer (MLP), and two convolutions. MLP and
# convolutional network have about the same number of parameters.

# %% tags=["experiment"]
trained = {}
with look("train_convnet", "convnet_predict", "init_convnet"):
    shapes = datasets.shapes()
    mean = shapes.x_train.mean(axis=(0, 2, 3), keepdims=True)
    x_train, x_test = shapes.x_train - mean, shapes.x_test - mean
    plans = {
        "linear": ([], [], 0.002, 8),
        "MLP": ([], [16], 0.01, 12),
        "convolutions": ([16, 24], [24], 0.02, 10),
    }
    for name, (filters, hidden, rate, rounds) in plans.items():
        net = init_convnet((3, 32, 32), filters, 5, hidden, 10, seed=1)
        net = {key: value.astype(np.float32) for key, value in net.items()}
        start = time.process_time()
        net, _ = train_convnet(net, x_train, shapes.y_train, layers, rate, 0.9, 50, rounds, 0)
        right = np.mean(convnet_predict(net, x_test, layers) == shapes.y_test)
        count = sum(value.size for value in net.values())
        seconds = time.process_time() - start
        print(f"{name:13} {count:>7,} parameters, test {right:.1%} (chance 10 %), {seconds:.0f} s")
        trained[name] = net

# %% [markdown]
# **Look: templates.** What does each network look for in its first layer? The linear classifier has one template
# for each class, as large as the picture, and they are mush: a shape that may be anywhere leaves no trace in a mean. The MLP's
# are no better. The filters of the convolution are small and clear.

# %% tags=["experiment"]
with look("train_convnet"):
    if not trained:
        raise NotImplementedError
    rows = {
        "linear": trained["linear"]["fc1_w"].T.reshape(-1, 3, 32, 32),
        "MLP": trained["MLP"]["fc1_w"].T.reshape(-1, 3, 32, 32),
        "convolutions": trained["convolutions"]["conv1_w"],
    }
    fig, axes = plt.subplots(3, 10, figsize=(10, 3.3))
    for line, (name, templates) in zip(axes, rows.items(), strict=True):
        line[0].text(-0.2, 0.5, name, ha="right", va="center", transform=line[0].transAxes)
        for ax, template in zip(line, templates[:10], strict=True):
            low, high = template.min(), template.max()
            ax.imshow(((template - low) / (high - low)).transpose(1, 2, 0))
            ax.axis("off")
    plt.show()

# %% [markdown] autograder={"difficulty": 3, "minutes": 10, "title": "Templates"} nbgrader={"grade": true, "grade_id": "written_templates", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question B. Templates
# `written_templates` · ★★★ · about 10 minutes · 3 points
#
# 1. Why can a linear classifier not recognize a cross that may be anywhere, however long it is trained?
# 2. An MLP could represent what the convolutional network does. Why does it not learn it from 4,000 images?
# 3. On MNIST a linear classifier reaches about 85 to 90 %. Why so much more than on the shapes?
#
# ### BEGIN SOLUTION
# **Model answer.** A linear classifier has one template for each class and compares pixel by pixel. A shape that may be
# anywhere, in any colour, covers each pixel about equally often in every class, so the mean over its places
# is the same blur; light on dark and dark on light even cancel out. The MLP would have to learn each shape anew
# for every place: it shares no weights, so 4,000 images are far too few, and it memorizes instead. Digits in MNIST
# are centred, of one size and white on black, so templates fit.
#
# **Mark scheme.** 1 point: one template a class, and the position (or colour) averages out. 1 point: no shared weights,
# each place must be learned, too little data. 1 point: MNIST is centred or normalized.
# ### END SOLUTION

# %% [markdown]
# ## 8 · What does it cost?

# %% [markdown]
# ### Task 12. The price of each layer
# `layer_costs` · ★★ · about 15 minutes · 5 points
#
# For each convolution, pooling and affine layer, and one image: how many numbers does its output have (its *memory*),
# how many parameters has it, how many multiply-adds does it take? Biases count as parameters, but adding them is not
# counted; pooling has no parameters and no multiply-adds; ReLU works in place and is not listed.
#
# <details><summary>Hint 1: a nudge</summary>
#
# You had almost all of it in the notebook on convolution, in conv_cost.
#
# </details>
#
# <details><summary>Hint 2: the idea</summary>
#
# A convolution here keeps the size: F·H·W numbers, and each takes C·K·K multiply-adds. Then pooling halves height and width.
#
# </details>
#
# <details><summary>Hint 3: a sketch</summary>
#
# The rows: conv1, pool1, conv2, pool2, …, fc1, fc2, …. An affine layer from D to M has D·M + M parameters and takes D·M multiply-adds.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "layer_costs-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_costs(input_shape, filters, kernel, hidden, classes):
    """Memory, parameters and multiply-adds of each layer, for one image.

    Arguments: as for init_convnet.
    Returns: list of tuples (layer, memory, params, multiply_adds), with the layers
        conv1, pool1, conv2, pool2, ..., fc1, fc2, ... and whole numbers.
    """
    ### BEGIN SOLUTION
    rows = []
    C, H, W = input_shape
    for i, F in enumerate(filters, 1):
        weights = C * kernel * kernel
        rows.append((f"conv{i}", F * H * W, F * (weights + 1), F * H * W * weights))
        C, H, W = F, H // 2, W // 2
        rows.append((f"pool{i}", C * H * W, 0, 0))
    D = C * H * W
    for i, M in enumerate([*hidden, classes], 1):
        rows.append((f"fc{i}", M, (D + 1) * M, D * M))
        D = M
    return rows
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 15, "title": "The price of each layer"} nbgrader={"grade": true, "grade_id": "layer_costs", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("layer_costs")

# %% [markdown]
# **Look.** LeNet's costs, and next to them the CPU time that each layer takes here for 100 images, forward. Almost all
# *parameters* are in the first affine layer, but almost all *work* is in the convolutions.

# %% tags=["experiment"]
with look("layer_costs", "init_convnet", "affine_forward"):
    table = layer_costs((1, 28, 28), [20, 50], 5, [500], 10)
    net = {k: v.astype(np.float32) for k, v in init_convnet((1, 28, 28), [20, 50], 5, [500], 10).items()}
    out = np.random.default_rng(0).standard_normal((100, 1, 28, 28)).astype(np.float32)
    times = []
    for name, *_ in table:
        best = np.inf
        for _ in range(3):
            start = time.process_time()
            if name.startswith("conv"):
                w, b = net[f"{name}_w"], net[f"{name}_b"]
                after, _ = layers.conv_forward(out, w, b, {"stride": 1, "pad": 2})
            elif name.startswith("pool"):
                after, _ = layers.max_pool_forward(out, {"pool_height": 2, "pool_width": 2, "stride": 2})
            else:
                after, _ = affine_forward(out, net[f"{name}_w"], net[f"{name}_b"])
            best = min(best, time.process_time() - start)
        out = after
        times.append(best)
    print("layer     memory     parameters   multiply-adds   share of time")
    for (name, memory, count, adds), seconds in zip(table, times, strict=True):
        print(f"{name:6} {memory:>9,} {count:>14,} {adds:>15,} {seconds / sum(times):>14.0%}")

# %% [markdown] autograder={"difficulty": 2, "minutes": 10, "title": "Costs"} nbgrader={"grade": true, "grade_id": "written_costs", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question C. Costs
# `written_costs` · ★★ · about 10 minutes · 3 points
#
# 1. Which layer of LeNet has the most parameters, and which takes the most multiply-adds? Why are they not the same?
# 2. Training keeps the outputs of all layers of a batch until the backward pass. About how much memory is that
#    for 100 images in `float32`, and which layer needs most of it?
#
# ### BEGIN SOLUTION
# **Model answer.** Most parameters: `fc1`, 2,450·500 + 500 = 1,225,500 of about 1.26 million. Most multiply-adds: `conv2`,
# 50·14·14·500 = 4.9 million, against 1.2 million of `fc1`. An affine layer uses each weight once for each image; a convolution
# uses each weight at every place, `conv2` 196 times. Memory: 15,680 + 3,920 + 9,800 + 2,450 + 500 + 10 = 32,360 numbers
# for one image (more if ReLU keeps its own copy), times 100 images, times 4 bytes: about 13 MB. Most of it is `conv1`.
#
# **Mark scheme.** 1 point: fc1 and conv2. 1 point: weights are used once or at every place. 1 point: about 13 MB (a factor
# of 2 for ReLU is fine), conv1.
# ### END SOLUTION

# %% [markdown]
# ## Handing in
#
# You have built a network that reads, from multiplication up. Well done.
#
# 1. Choose *Kernel → Restart Kernel and Run All Cells*.
# 2. Look at each `check`: does it say what you expect?
# 3. Have you answered questions A, B and C?
# 4. Save the notebook, keep its name `convnet.ipynb`, and hand it in the way your course asks you to.

# %% [markdown]
# **How far you are.** The next cell shows your points by the checks that you have run since the kernel
# was started, and what is next. `progress(run=True)` runs all checks first.

# %% tags=["experiment"]
progress()

# %% [markdown]
# **Is it ready?** Save the notebook and press the button. The saved file is run from top to bottom in a
# fresh process, as it will be when it is graded, and you are told what would break there and what to do about
# it.

# %% tags=["experiment"]
from autograder import submit_check

submit_check()
