# %% [markdown]
# # Pooling
#
# **Does it matter exactly where the edge is?**
#
# A convolution layer says where in a picture it has found what. Often that is more than anybody wants to
# know. Whether there is a cat in the picture does not depend on whether its ear is in column 71 or in
# column 72. A *pooling layer* throws away a little of the place and keeps what was found: it looks at a
# small window and hands on just one number, the largest or the average. The picture shrinks, everything
# behind it gets cheaper, and the network minds less if things move a bit. How much less? In the end you
# measure that yourself.
#
# **Who this is for.** You know Python, a little NumPy (arrays, shapes, slices) and the chain rule. If you
# have done the notebook on convolution, much here will look familiar; you do not need its code.
#
# **What you build.** Max pooling with plain loops, forward and backward; the same for the average; then
# all four without the loops. At last a measure of how much a layer's output changes when the picture moves.
#
# **How to work.** Go from top to bottom. Each step has a *question*, an *idea*, a *task*, a check, and
# often a picture that your own code draws. A picture whose function is not written yet says so in one
# sentence, so you may run all cells at any time. If you are stuck, unfold a hint: the first is a nudge,
# the third is a sketch. Nobody counts the hints you open.
#
# **How to check.** Below each task there is a cell `check("…")`. It tries your function on several
# inputs and tells you what was called, what was expected, what came, and where the two differ. Check as
# often as you like.
#
# **How points work.** Every task shows its points; together they are 100. A task is made of several
# checks, each worth a part of its points. `check` shows you the public ones. Grading adds some more of
# the same kind, with other sizes. Three written questions are read by a person.
#
# **How hard, how long.** Every task shows one to five stars, and the minutes that it takes most people.
# All of it is a little more than four hours.
#
# *The text and figures of this notebook are licensed under
# [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), its code under the MIT licence. The
# photographs are in the public domain.*

# %%
import time
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, datasets, play, race

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
# ## 1 · Keep the largest
#
# Lay a window of 2×2 on a picture and keep only the largest number in it. Then move the window on by two
# pixels, and do it again:
#
#     picture                windows               output
#
#     1   3 | 2   0
#     4  -1 | 5   1          4 | 5                 4   5
#     ------+------          --+--
#     0  -2 |-3  -1          0 |-1                 0  -1
#    -5  -1 |-2  -4
#
# Sixteen numbers have become four. This is **max pooling**. There is nothing to learn in it: no weights,
# no bias. If the picture is the activation map of a filter, the output says for each region *how well the
# filter's thing was found somewhere in there*, and not where.
#
# Three numbers describe a layer, in a dictionary `pool_param`:
#
# - `pool_height` and `pool_width` are the size of the window, in pixels. It need not be square.
# - `stride` is how far the window moves at each step, the same downwards and to the right. It is often as
#   large as the window, but it need not be: with a smaller stride the windows overlap, with a larger one
#   there are gaps that nobody looks at.
#
# There is no padding. As for a convolution, sizes have to work out. Along an axis of `size` pixels there
# are *(size − window) / stride + 1* places. **If the window is larger than the picture, or if the last step
# does not end exactly at the border, raise a `ValueError`**, here and in all forward passes below.
#
# Pooling works on each picture of a batch and on **each channel by itself**. It never mixes channels:
#
# | name | shape | what it is |
# | --- | --- | --- |
# | `x` | `(N, C, H, W)` | N pictures with C channels |
# | `out` | `(N, C, H', W')` | as many pictures and channels, fewer pixels |

# %% [markdown]
# ### Task 1. Max pooling, with loops
# `max_pool_forward_naive` · ★★ · about 25 minutes · 10 points
#
# Go to every place, look at the window there, keep its maximum. Speed does not matter here, clarity does.
#
# A layer also returns a **cache**: what the backward pass will need. Here it is prescribed, exactly the
# tuple `(x, pool_param)`. Do not change the arguments, and keep the dtype: if `x` is `float32`, so is `out`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which four numbers name one entry of `out`? That is four loops, with one line of NumPy inside.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# The window of place (i, j) starts at row i·stride and column j·stride. How many rows and columns has it?
# Before the loops, test the sizes for both axes: is there room for the window, and does a remainder stay?
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     read the three numbers and the four sizes; raise ValueError if an axis does not work out
#     compute both output sizes, make an array for out (mind its dtype)
#     for each picture, each channel, each row i, each column j:
#         window = as many rows as the window is high, from i·stride on; columns likewise
#         out at [n, c, i, j] = the largest number of the window
#
# If you search for the maximum in a loop of your own: where does the search start when all numbers are
# negative?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "max_pool_forward_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool_forward_naive(x, pool_param):
    """Forward pass of max pooling, with loops.

    Arguments:
        x: (N, C, H, W) array of float64 or float32, the pictures
        pool_param: {"pool_height": int, "pool_width": int, "stride": int}, in pixels

    Returns: (out, cache)
        out: (N, C, H', W'), of the dtype of x: the maximum of each window
        cache: the tuple (x, pool_param)
    Raises: ValueError if the window is larger than the picture, or if its last step does not
        end exactly at the border, in height or in width.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    HH, WW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError(f"windows of {HH}×{WW} in steps of {stride} do not fit into {H}×{W} pixels")
    H_out, W_out = (H - HH) // stride + 1, (W - WW) // stride + 1
    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    out[n, c, i, j] = x[n, c, top : top + HH, left : left + WW].max()
    return out, (x, pool_param)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 25, "title": "Max pooling with loops"} nbgrader={"grade": true, "grade_id": "max_pool_forward_naive", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check("max_pool_forward_naive")

# %% [markdown]
# **Look.** On the left the photograph, next to it where it gets brighter to the right: an activation map,
# mostly zero. Then what max pooling leaves of the map, with windows of 2, 4 and 8 pixels. Up to which one
# do you still recognise what it is?

# %% tags=["experiment"]
with look("max_pool_forward_naive"):
    photo = datasets.photograph("astronaut")
    grey = photo.mean(axis=2)
    edges = np.maximum(0, grey - np.roll(grey, 1, axis=1))
    fig, axes = plt.subplots(1, 5, figsize=(12, 2.8))
    axes[0].imshow(photo)
    axes[0].set_title(f"photograph, {grey.shape[0]}×{grey.shape[1]}")
    axes[1].imshow(edges, vmax=0.4)
    axes[1].set_title(f"edges: {edges.size:,} numbers")
    for ax, side in zip(axes[2:], (2, 4, 8), strict=True):
        pool_param = {"pool_height": side, "pool_width": side, "stride": side}
        pooled, _ = max_pool_forward_naive(edges[None, None], pool_param)
        ax.imshow(pooled[0, 0], vmax=0.4)
        ax.set_title(f"max of {side}×{side}: {pooled.size:,}")
    for ax in axes:
        ax.axis("off")
    fig.tight_layout()
    plt.show()


# %% [markdown]
# ## 2 · Where does the gradient go?
#
# Going backward, the layers above tell for each output number how the loss changes with it: `dout`, of the
# shape of `out`. Your layer hands this on to its input. The question to ask is always the same: *if this
# pixel were a little larger, which output numbers would change, and by how much?*
#
# **Worked example.** The upper left window of the picture above holds 1, 3, 4, −1, and its output is 4.
# Make the 4 a little larger: the output grows by just as much. Make the 3 a little larger: nothing happens,
# the 4 is still the maximum. So the 4 gets *all* of the gradient, and the other three get nothing. If
# `dout` is
#
#     dout       dx
#
#     10  20      0   0   0   0
#     30  40     10   0  20   0
#                30   0   0  40
#                 0   0   0   0
#
# Max pooling is a switch: it connects each output with one pixel. With overlapping windows one pixel may be
# the maximum of several of them. Then a change of that pixel changes several outputs, and **what it gets
# from them adds up**.
#
# **What if two are equally large?** Then there is no derivative: make one of them larger and the output
# grows with it, make it smaller and the other one holds the output up. Any choice that splits the gradient
# among the maxima is a good one, and three are in use. You may give the whole gradient to the **first**
# maximum of the window in reading order, to the **last** one, or to **all of them in equal shares**. All
# three are graded alike, in every task below. What is not right is to give the *whole* gradient to *each*
# of them: then more gradient comes out than went in. (This is no rare case. Behind a ReLU, whole windows
# are zero.)

# %% [markdown]
# ### Task 2. Max pooling backward, with loops
# `max_pool_backward_naive` · ★★★ · about 35 minutes · 12 points
#
# Visit the same places as in the forward pass. The cache is `(x, pool_param)`, so find the maximum again.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `dx` has the shape of `x`, and most of it stays zero. At each place one number of `dout` is looking for the
# one pixel that it belongs to.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# `window.argmax()` numbers the pixels of the window in reading order and tells the number of the first
# maximum. From that number to row and column: `np.unravel_index`, or `divmod` by the right one of height
# and width. Row and column *in the window* are not yet those in the picture.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     zeros of the shape of x
#     for each picture, channel, row i, column j:
#         take the window as in the forward pass
#         find row p and column q of its maximum
#         add (why not: set?) dout[n, c, i, j] to dx at the place where the window starts, plus p and q
#
# Or shorter: compare the window with its maximum. That gives a mask. Take care that the mask is not true
# in two places!
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "max_pool_backward_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool_backward_naive(dout, cache):
    """Backward pass of max pooling, with loops.

    Arguments:
        dout: (N, C, H', W'), the derivative of the loss by out
        cache: (x, pool_param), as max_pool_forward_naive returns it

    Returns: dx, (N, C, H, W), the derivative of the loss by x, of the dtype of x. Where several
        pixels of a window are its maximum, its gradient goes to the first of them in reading
        order, or to the last, or to all of them in equal shares.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    x, pool_param = cache
    HH, WW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + HH, left : left + WW]
        p, q = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, top + p, left + q] += dout[n, c, i, j]
    return dx
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 35, "title": "Max pooling backward with loops"} nbgrader={"grade": true, "grade_id": "max_pool_backward_naive", "locked": true, "points": 12, "schema_version": 3, "solution": false, "task": false}
check("max_pool_backward_naive")


# %% [markdown]
# **A test you can always do yourself.** Change one number a little, and see how the loss changes. The
# *central difference* `(L(a + h) − L(a − h)) / 2h` comes very close to the derivative. It needs a step `h`
# that is too small to make another pixel the maximum.


# %%
def numerical_gradient(loss, a, h=1e-6):
    """Central differences of the number loss() by each entry of a, a float64 array."""
    gradient = np.zeros_like(a)
    for index in np.ndindex(a.shape):
        kept = a[index]
        a[index] = kept + h
        above = loss()
        a[index] = kept - h
        below = loss()
        a[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient


# %% tags=["experiment"]
with look("max_pool_forward_naive", "max_pool_backward_naive"):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 5, 7))
    pool_param = {"pool_height": 3, "pool_width": 3, "stride": 2}
    out, cache = max_pool_forward_naive(x, pool_param)
    dout = rng.standard_normal(out.shape)

    def loss():
        return np.sum(max_pool_forward_naive(x, pool_param)[0] * dout)

    error = np.abs(max_pool_backward_naive(dout, cache) - numerical_gradient(loss, x)).max()
    print(f"largest difference to the central differences: {error:.0e}")
    print("Something like 1e-9 is as good as it gets. 1e-2 would be a mistake.")

# %% [markdown]
# **Look: the switches.** A small piece of a photograph, and windows of 3×3 that overlap (stride 2). Each
# output number, a dot in the middle of its window, points to the pixel that it came from. (No arrow: that is
# the middle itself.) On the right is what your backward pass makes of a `dout` that is 1 everywhere: how many
# outputs each pixel decides.

# %% tags=["experiment"]
with look("max_pool_backward_naive"):
    piece = datasets.photograph("chelsea").mean(axis=2)[36:47, 62:77]
    pool_param = {"pool_height": 3, "pool_width": 3, "stride": 2}
    places = (5, 7)
    dx = max_pool_backward_naive(np.ones((1, 1, *places)), (piece[None, None].copy(), pool_param))
    fig, axes = plt.subplots(1, 2, figsize=(11, 4))
    axes[0].imshow(piece)
    for i, j in np.ndindex(places):
        one = np.zeros((1, 1, *places))
        one[0, 0, i, j] = 1
        switch = max_pool_backward_naive(one, (piece[None, None].copy(), pool_param))[0, 0]
        row, column = np.unravel_index(switch.argmax(), switch.shape)
        centre = (2 * j + 1, 2 * i + 1)
        axes[0].annotate(
            "", (column, row), centre, arrowprops={"arrowstyle": "->", "color": "C3", "lw": 1.5}
        )
        axes[0].plot(*centre, "o", color="C1", markersize=4)
    axes[0].set_title("from each window to its maximum")
    shown = axes[1].imshow(dx[0, 0], cmap="YlOrRd", vmin=0)
    for (row, column), value in np.ndenumerate(dx[0, 0]):
        if value:
            color = "white" if value > 2 else "black"
            axes[1].text(column, row, f"{value:.0f}", ha="center", va="center", color=color)
    axes[1].set_title("dx for a dout of ones")
    for ax in axes:
        ax.set(xticks=[], yticks=[])
    fig.tight_layout()
    plt.show()

# %% [markdown]
# ## 3 · Or the average
#
# **Average pooling** hands on the mean of the window. The same windows, the same sizes, the same
# `ValueError`, the same cache. In the example above it would make 1.75 of the first window: a little of
# everything in it.

# %% [markdown]
# ### Task 3. Average pooling, with loops
# `avg_pool_forward_naive` · ★ · about 10 minutes · 7 points
#
# <details><summary>Hint 1: a nudge</summary>
#
# Take Task 1. What is the only thing that changes?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# The mean is the sum divided by the number of pixels. How many are in a window that is not square?
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# The loops of Task 1, with `mean()` of the window inside. Does your `out` keep the dtype of `x`?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "avg_pool_forward_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def avg_pool_forward_naive(x, pool_param):
    """Forward pass of average pooling, with loops.

    Arguments:
        x: (N, C, H, W) array of float64 or float32, the pictures
        pool_param: {"pool_height": int, "pool_width": int, "stride": int}, in pixels

    Returns: (out, cache)
        out: (N, C, H', W'), of the dtype of x: the mean of each window
        cache: the tuple (x, pool_param)
    Raises: ValueError if the window is larger than the picture, or if its last step does not
        end exactly at the border, in height or in width.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    HH, WW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError(f"windows of {HH}×{WW} in steps of {stride} do not fit into {H}×{W} pixels")
    out = np.zeros((N, C, (H - HH) // stride + 1, (W - WW) // stride + 1), dtype=x.dtype)
    for n, c, i, j in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        out[n, c, i, j] = x[n, c, top : top + HH, left : left + WW].mean()
    return out, (x, pool_param)
    ### END SOLUTION


# %% autograder={"difficulty": 1, "minutes": 10, "title": "Average pooling with loops"} nbgrader={"grade": true, "grade_id": "avg_pool_forward_naive", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check("avg_pool_forward_naive")

# %% [markdown]
# **Look: largest or average?** Above a photograph, with windows of 4×4 on each colour. The maximum lets
# bright things grow and eats dark ones (see the pupils); the average keeps the brightness and blurs. Below is
# a map of edges, mostly dark. For the maximum a single bright pixel is enough, so the outlines of the eyes
# stay as bright as they were. The average drowns them in their dark neighbours. Which would you rather use
# to find out *whether* something is there, and which to find out *how much* of it?

# %% tags=["experiment"]
with look("max_pool_forward_naive", "avg_pool_forward_naive"):
    photo = datasets.photograph("chelsea")
    grey = photo.mean(axis=2)
    edges = np.abs(np.diff(grey, axis=0, prepend=grey[:1]))
    fig, axes = plt.subplots(2, 3, figsize=(11, 5.6))
    for row, (picture, name) in enumerate(((photo, "photograph"), (edges[..., None], "edges"))):
        pool_param = {"pool_height": 4, "pool_width": 4, "stride": 4}
        x = picture.transpose(2, 0, 1)[None]
        shown = {
            name: x,
            f"{name}, maximum of 4×4": max_pool_forward_naive(x, pool_param)[0],
            f"{name}, average of 4×4": avg_pool_forward_naive(x, pool_param)[0],
        }
        for ax, (title, values) in zip(axes[row], shown.items(), strict=True):
            ax.imshow(values[0].transpose(1, 2, 0), vmin=0, vmax=0.2)
            ax.set_title(title)
            ax.axis("off")
    fig.tight_layout()
    plt.show()


# %% [markdown]
# ### Task 4. Average pooling backward, with loops
# `avg_pool_backward_naive` · ★★ · about 15 minutes · 9 points
#
# Ask the question again: if one pixel of a window grows by 1, by how much does the *mean* of the window
# grow? And does it matter which pixel it is, or how large it was?
#
# <details><summary>Hint 1: a nudge</summary>
#
# Write the mean of four numbers as a formula. What is its derivative by the first of them?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# The gradient of a window is shared equally by its pixels. Nothing gets lost: what a window gives to its
# pixels adds up to what it got. You need `x` for nothing but its shape and dtype.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# The loops of Task 2; inside, add the same share to the *whole slice* of `dx` that lies under the window. A
# pixel under several windows gets a share from each.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "avg_pool_backward_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def avg_pool_backward_naive(dout, cache):
    """Backward pass of average pooling, with loops.

    Arguments:
        dout: (N, C, H', W'), the derivative of the loss by out
        cache: (x, pool_param), as avg_pool_forward_naive returns it

    Returns: dx, (N, C, H, W), the derivative of the loss by x, of the dtype of x.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    x, pool_param = cache
    HH, WW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        dx[n, c, top : top + HH, left : left + WW] += dout[n, c, i, j] / (HH * WW)
    return dx
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 15, "title": "Average pooling backward with loops"} nbgrader={"grade": true, "grade_id": "avg_pool_backward_naive", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check("avg_pool_backward_naive")

# %% [markdown]
# **Look: two ways to deal out a gradient.** The same `dout` on the left goes through both backward passes,
# with windows of 4×4 side by side. Max pooling sends each number to a single pixel, at full strength.
# Average pooling spreads it over the window, so thin that the colours need another scale.

# %% tags=["experiment"]
with look("max_pool_backward_naive", "avg_pool_backward_naive"):
    piece = datasets.photograph("astronaut").mean(axis=2)[20:52, 60:100]
    dout = np.random.default_rng(3).standard_normal((1, 1, 8, 10)).round(1)
    cache = (piece[None, None].copy(), {"pool_height": 4, "pool_width": 4, "stride": 4})
    gradients = {
        "dout": dout,
        "dx of max pooling": max_pool_backward_naive(dout, cache),
        "dx of average pooling": avg_pool_backward_naive(dout, cache),
    }
    fig, axes = plt.subplots(1, 4, figsize=(12, 2.7), width_ratios=[1, 1.2, 1.2, 1.2])
    axes[0].imshow(piece)
    axes[0].set_title("x, 32×40")
    for ax, (title, values) in zip(axes[1:], gradients.items(), strict=True):
        bound = np.abs(values).max()
        shown = ax.imshow(values[0, 0], cmap="RdBu_r", vmin=-bound, vmax=bound)
        ax.set_title(title)
        fig.colorbar(shown, ax=ax, shrink=0.75)
    for ax in axes:
        ax.set(xticks=[], yticks=[])
    fig.tight_layout()
    plt.show()


# %% [markdown] autograder={"difficulty": 2, "minutes": 10, "title": "Nothing to learn"} nbgrader={"grade": true, "grade_id": "written_no_parameters", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question A. Nothing to learn
# `written_no_parameters` · ★★ · about 10 minutes · 3 points
#
# A picture of shape `(64, 32, 32)` goes through 2×2 max pooling with stride 2.
#
# 1. How many parameters does this layer have? How many would a convolution with 64 filters of 2×2 and
#    stride 2 have, which gives an output of the same shape?
# 2. Why does a layer without parameters need a backward pass at all?
# 3. What must max pooling remember from its forward pass, at the least, and what must average pooling
#    remember?
#
# A few sentences are enough.
#
# ### BEGIN SOLUTION
# **Model answer.** Pooling has 0 parameters. The convolution has 64 filters with 64·2·2 = 256 weights and
# one bias each: 64 · 257 = 16,448. The backward pass is needed because layers *before* the pooling have
# parameters, and their gradients come through it by the chain rule: without `dx` nothing below would
# learn. Max pooling has to know, for each output, which pixel of the window was the maximum (a position,
# two bits for a window of 2×2), or be able to find that out again from `x`. Average pooling is linear, its
# derivative does not depend on the values: it needs only the shape of `x` and its settings.
#
# **Mark scheme.** 1 point: 0 and 16,448 (16,384 without biases counts too; half a point for one of the
# two). 1 point: the gradient must reach the parameters of earlier layers (chain rule). 1 point: position of
# the maximum, or `x` (half); shape or sizes only for the average (half).
# ### END SOLUTION

# %% [markdown]
# ## 4 · Fast
#
# Your loops are right, and slow. NumPy can do the same work in a few large steps.
#
# **The rule for the next four tasks, in one sentence: no Python-level loop over images, channels or pixels;
# a loop over the pool window is allowed.** Comprehensions, generators, `map`, `np.vectorize` and
# `np.apply_along_axis` are such loops too, only dressed up.
#
# That is checked in two ways. First, we count how many steps Python executes, and the count must not grow
# with the pictures. Second, we compare the time with that of copying all windows once. There is ample room,
# several times what good solutions take.
#
# For windows that lie side by side, a well-known trick cuts the picture into blocks by `reshape`. Your
# functions must do more: windows may overlap, or leave gaps.
#
# **The idea.** Take *one* pixel of the window, say the upper left one, and look at it in all windows at
# once. In the picture these pixels stand in a regular grid, `stride` apart. A slice with steps gets them
# all, as an array of the shape of the output:
#
#     picture, window 2×2, stride 2        upper left pixels        upper right pixels
#
#     1  3  2  0                           1  2                     3  0
#     4 -1  5  1                           0 -3                    -2 -1
#     0 -2 -3 -1
#    -5 -1 -2 -4                           [0::2, 0::2]             [0::2, 1::2]
#
# There are as many such grids as the window has pixels, four here, however large the picture is. So it is
# enough to loop over those.

# %% [markdown]
# ### Task 5. Max pooling, without loops over pixels
# `max_pool_forward_vectorized` · ★★★ · about 30 minutes · 11 points
#
# The same contract as `max_pool_forward_naive`, the same cache, the same `ValueError`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The largest of four numbers is the larger one of the first and of the largest of the other three.
# `np.maximum` does that for whole arrays.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Where does the slice of pixel (p, q) start, and where must it end, so that it has as many rows as the
# output and not one more? Work that out for stride 1 and a window of 3 before you write it down.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     test the sizes, compute H' and W'
#     for each pixel (p, q) of the window:
#         rows p, p + stride, … : H' of them;  columns q, q + stride, … : W' of them
#         the first time: keep a copy of this slice; later: keep the larger ones
#
# `np.lib.stride_tricks.sliding_window_view` can do it without any loop: it gives all windows at stride 1
# as two more axes.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "max_pool_forward_vectorized-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool_forward_vectorized(x, pool_param):
    """Forward pass of max pooling, without loops over images, channels or pixels.

    Arguments:
        x: (N, C, H, W) array of float64 or float32, the pictures
        pool_param: {"pool_height": int, "pool_width": int, "stride": int}, in pixels

    Returns: (out, cache)
        out: (N, C, H', W'), of the dtype of x: the maximum of each window
        cache: the tuple (x, pool_param)
    Raises: ValueError if the window is larger than the picture, or if its last step does not
        end exactly at the border, in height or in width.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    HH, WW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError(f"windows of {HH}×{WW} in steps of {stride} do not fit into {H}×{W} pixels")
    out = np.full((N, C, (H - HH) // stride + 1, (W - WW) // stride + 1), -np.inf, dtype=x.dtype)
    for p in range(HH):
        for q in range(WW):
            # H - HH + p is the last row that is pixel p of a window, and it belongs to the slice.
            grid = x[:, :, p : H - HH + p + 1 : stride, q : W - WW + q + 1 : stride]
            np.maximum(out, grid, out=out)
    return out, (x, pool_param)
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 30, "title": "Max pooling without loops"} nbgrader={"grade": true, "grade_id": "max_pool_forward_vectorized", "locked": true, "points": 11, "schema_version": 3, "solution": false, "task": false}
check("max_pool_forward_vectorized")


# %% [markdown]
# ### Task 6. Max pooling backward, without loops over pixels
# `max_pool_backward_vectorized` · ★★★★★ · about 50 minutes · 15 points
#
# The same contract as `max_pool_backward_naive`, with the same three conventions for equal maxima. This is
# the summit of the notebook; take a break before it.
#
# <details><summary>Hint 1: a nudge</summary>
#
# You can find out for one pixel (p, q) of the window, in all windows at once, whether it is the maximum.
# Then `dout` goes there where it is, and nowhere else.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# The grid of pixel (p, q), compared with the output of the forward pass, gives a mask. Multiplied with
# `dout`, it can be added to that very grid of `dx`. Equal maxima would be counted several times, though.
# Either remember which windows have been served, or count how many maxima each window has.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     run the forward pass once more to know all maxima
#     waiting = True for every window
#     for each pixel (p, q) of the window:
#         here = windows that are still waiting, and whose maximum is equal to their pixel (p, q)
#         add dout, where here is true, to the grid of pixel (p, q) in dx
#         windows in here are not waiting any more
#
# Another way: `argmax` over the windows of `sliding_window_view`, flattened to one axis, gives the number
# of each maximum; turn it into rows and columns of the picture, and let `np.add.at` add up. (Why not
# `dx[…] += …` with arrays of indices? Try it with an index that occurs twice.)
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "max_pool_backward_vectorized-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool_backward_vectorized(dout, cache):
    """Backward pass of max pooling; only a loop over the pool window is needed.

    Arguments:
        dout: (N, C, H', W'), the derivative of the loss by out
        cache: (x, pool_param), as max_pool_forward_vectorized returns it

    Returns: dx, (N, C, H, W), the derivative of the loss by x, of the dtype of x. Where several
        pixels of a window are its maximum, its gradient goes to the first of them in reading
        order, or to the last, or to all of them in equal shares.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    x, pool_param = cache
    HH, WW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    _, _, H, W = x.shape
    grids = [
        (slice(None), slice(None), slice(p, H - HH + p + 1, stride), slice(q, W - WW + q + 1, stride))
        for p in range(HH)
        for q in range(WW)
    ]
    largest = x[grids[0]]
    for grid in grids[1:]:
        largest = np.maximum(largest, x[grid])
    dx = np.zeros_like(x)
    waiting = np.ones(dout.shape, dtype=bool)
    for grid in grids:
        here = waiting & (x[grid] == largest)
        dx[grid] += dout * here
        waiting &= ~here
    return dx
    ### END SOLUTION


# %% autograder={"difficulty": 5, "minutes": 50, "title": "Max pooling backward without loops"} nbgrader={"grade": true, "grade_id": "max_pool_backward_vectorized", "locked": true, "points": 15, "schema_version": 3, "solution": false, "task": false}
check("max_pool_backward_vectorized")


# %% [markdown]
# ### Task 7. Average pooling, without loops over pixels
# `avg_pool_forward_vectorized` · ★★ · about 15 minutes · 8 points
#
# <details><summary>Hint 1: a nudge</summary>
#
# Task 5, with a sum where there was a maximum.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Add up the grids of all pixels of the window. Divide once, in the end.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Zeros of the output's shape and of the dtype of `x`; for each pixel of the window add its grid; divide by
# the number of pixels in a window.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "avg_pool_forward_vectorized-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def avg_pool_forward_vectorized(x, pool_param):
    """Forward pass of average pooling, without loops over images, channels or pixels.

    Arguments:
        x: (N, C, H, W) array of float64 or float32, the pictures
        pool_param: {"pool_height": int, "pool_width": int, "stride": int}, in pixels

    Returns: (out, cache)
        out: (N, C, H', W'), of the dtype of x: the mean of each window
        cache: the tuple (x, pool_param)
    Raises: ValueError if the window is larger than the picture, or if its last step does not
        end exactly at the border, in height or in width.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    HH, WW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError(f"windows of {HH}×{WW} in steps of {stride} do not fit into {H}×{W} pixels")
    out = np.zeros((N, C, (H - HH) // stride + 1, (W - WW) // stride + 1), dtype=x.dtype)
    for p in range(HH):
        for q in range(WW):
            out += x[:, :, p : H - HH + p + 1 : stride, q : W - WW + q + 1 : stride]
    return out / (HH * WW), (x, pool_param)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 15, "title": "Average pooling without loops"} nbgrader={"grade": true, "grade_id": "avg_pool_forward_vectorized", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check("avg_pool_forward_vectorized")


# %% [markdown]
# ### Task 8. Average pooling backward, without loops over pixels
# `avg_pool_backward_vectorized` · ★★★ · about 20 minutes · 10 points
#
# <details><summary>Hint 1: a nudge</summary>
#
# Each grid of Task 7 was *read* once. In the backward pass each is *written* once.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Every pixel of the window gets the same share of `dout`, so all grids get the same array added to them.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Zeros of the shape of `x`; the share is `dout` divided by the number of pixels in a window (in a new array:
# `dout` must not change); for each pixel of the window add the share to its grid of `dx`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "avg_pool_backward_vectorized-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def avg_pool_backward_vectorized(dout, cache):
    """Backward pass of average pooling; only a loop over the pool window is needed.

    Arguments:
        dout: (N, C, H', W'), the derivative of the loss by out
        cache: (x, pool_param), as avg_pool_forward_vectorized returns it

    Returns: dx, (N, C, H, W), the derivative of the loss by x, of the dtype of x.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    x, pool_param = cache
    HH, WW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    _, _, H, W = x.shape
    share = dout / (HH * WW)
    dx = np.zeros_like(x)
    for p in range(HH):
        for q in range(WW):
            dx[:, :, p : H - HH + p + 1 : stride, q : W - WW + q + 1 : stride] += share
    return dx
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 20, "title": "Average pooling backward without loops"} nbgrader={"grade": true, "grade_id": "avg_pool_backward_vectorized", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check("avg_pool_backward_vectorized")

# %% [markdown]
# **Look: the race.** Both versions on the same pictures, forward and backward. Both scales are logarithmic:
# each line is ten times the one below.

# %% tags=["experiment"]
with look(
    "max_pool_forward_naive",
    "max_pool_backward_naive",
    "max_pool_forward_vectorized",
    "max_pool_backward_vectorized",
    "avg_pool_forward_naive",
    "avg_pool_backward_naive",
    "avg_pool_forward_vectorized",
    "avg_pool_backward_vectorized",
):

    def seconds(forward, backward, x, pool_param):
        start = time.perf_counter()
        out, cache = forward(x, pool_param)
        backward(out, cache)
        return time.perf_counter() - start

    versions = {
        "max, with loops": (max_pool_forward_naive, max_pool_backward_naive, "C0o-"),
        "average, with loops": (avg_pool_forward_naive, avg_pool_backward_naive, "C1o-"),
        "max, without": (max_pool_forward_vectorized, max_pool_backward_vectorized, "C0s--"),
        "average, without": (avg_pool_forward_vectorized, avg_pool_backward_vectorized, "C1s--"),
    }
    batches = [1, 2, 4, 8, 16]
    rng = np.random.default_rng(1)
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    times = {label: [] for label in versions}
    for N in batches:
        x = rng.standard_normal((N, 8, 32, 32))
        for label, (forward, backward, _) in versions.items():
            times[label].append(min(seconds(forward, backward, x, pool_param) for _ in range(2)))
    fig, ax = plt.subplots(figsize=(7, 3.4))
    for label, (_, _, style) in versions.items():
        ax.plot(batches, times[label], style, label=label)
    ratio = times["max, with loops"][-1] / times["max, without"][-1]
    ax.set(xscale="log", yscale="log", xlabel="pictures in the batch", ylabel="seconds")
    ax.set_xticks(batches, map(str, batches))
    ax.minorticks_off()
    ax.set_title(f"Forward and backward: max pooling of {batches[-1]} pictures {ratio:.0f} times as fast")
    ax.grid(axis="y", alpha=0.4)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    fig.tight_layout()
    plt.show()


# %% [markdown]
# **Look: how far from the machine?** Maximum pooling once more, against what your machine needs for one copy of
# all windows and a product with one row, and against our own version.

# %% tags=["experiment"]
with look("max_pool_forward_naive", "max_pool_forward_vectorized"):
    display(race(max_pool_forward_vectorized, "max_pool_forward"))


# %% [markdown]
# ## 5 · Overlap or not?
#
# The stride decides how many windows a pixel lies in. You have a function that can count that: the backward
# pass of the average, fed with the right constant, gives every pixel a 1 from each window that it lies in.
# Below are three layers. In the middle pixels are counted unequally often; on the right, some not at all.

# %% tags=["experiment"]
with look("avg_pool_backward_vectorized"):
    fig, axes = plt.subplots(1, 3, figsize=(11, 3.4))
    for ax, (side, stride, size) in zip(axes, ((2, 2, 10), (3, 2, 11), (2, 3, 11)), strict=True):
        places = (size - side) // stride + 1
        pool_param = {"pool_height": side, "pool_width": side, "stride": stride}
        constant = np.full((1, 1, places, places), float(side * side))
        counts = avg_pool_backward_vectorized(constant, (np.zeros((1, 1, size, size)), pool_param))
        ax.imshow(counts[0, 0], cmap="Blues", vmin=0, vmax=6)
        for (row, column), value in np.ndenumerate(counts[0, 0]):
            ax.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=8)
        corner = (-0.5, -0.5)
        window = plt.Rectangle(corner, side, side, fill=False, edgecolor="C3", linewidth=2.5)
        window.set_clip_on(False)
        ax.add_patch(window)
        ax.set(title=f"{side}×{side}, stride {stride}: {places}×{places} windows", xticks=[], yticks=[])
    fig.tight_layout()
    plt.show()


# %% [markdown] autograder={"difficulty": 2, "minutes": 10, "title": "Windows that overlap"} nbgrader={"grade": true, "grade_id": "written_overlap", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question B. Windows that overlap
# `written_overlap` · ★★ · about 10 minutes · 3 points
#
# Compare 2×2 windows with stride 2 (side by side) and 3×3 windows with stride 2 (overlapping).
#
# 1. The picture has 33×33 pixels. For which of the two do the sizes work out, and what is the output's size?
#    In how many windows can a single pixel lie, in either case?
# 2. What has to be different in the *backward* pass when windows overlap, and what goes wrong if one forgets?
# 3. Give one reason for overlapping windows, and one against them.
#
# ### BEGIN SOLUTION
# **Model answer.** 33 − 2 = 31 is odd, so 2×2 with stride 2 does not work out; 33 − 3 = 30 does, and gives
# 16×16. Side by side each pixel lies in exactly one window; with 3×3 and stride 2 in one, two or four. When
# windows overlap, one pixel may get gradient from several windows, which must be *added up*. If the
# gradient is written instead of added, only the last window counts, and `dx` is too small or wrong just
# there. For overlapping: an object at the border of one window is in the middle of another, so the output
# changes more gently when the picture moves; less depends on how the grid happens to lie. Against: more
# work (9 instead of 4 numbers for each output), neighbouring outputs tell partly the same, and for the same
# shift the picture is blurred more.
#
# **Mark scheme.** 1 point: only 3×3 fits, 16×16 (half); one window against up to four (half). 1 point: add
# up, with what goes wrong otherwise (half each). 1 point: a reason for (half) and one against (half).
# ### END SOLUTION

# %% [markdown]
# ## 6 · A little translation invariance
#
# If a picture moves by a pixel, its activation map moves by a pixel too: convolution is *equivariant*. What
# one hopes to get from pooling is some *invariance*: that the output stays nearly what it was. Let us
# measure that.
#
# Let `a` be the output of a layer for a picture, and `b` its output for the same picture moved to the
# right. How much they differ, in relation to how large they are, is
#
# $$\text{response} \;=\; \frac{\text{mean}\,|b - a|}{\text{mean}\,|a| + \text{mean}\,|b|}$$
#
# It is 0 if the output has not changed at all. It is never more than 1, and it is 1 if the two have nothing
# in common: wherever one of them is not zero, the other one is. If both are zero everywhere, nothing has
# changed, and the response is 0.
#
# **Example.** A row `0 0 4 0` moves by one pixel and becomes `0 0 0 4`. For a layer that does nothing, the
# mean of the differences is (0 + 0 + 4 + 4)/4 = 2, the means of the outputs are 1 and 1: the response is 1.
# Max pooling with windows of two makes `0 4` of the first and `0 4` of the second: the response is 0. Move
# it by one more and it starts again on the left, as `4 0 0 0`: then the response is 1 for both.

# %% [markdown]
# **Play: move it.** Shift a pattern by a few pixels and see which outputs change: of your two pooling layers,
# and of *stepping*, which keeps only the first pixel of each window. Find a pattern and a shift that the
# maximum does not notice. Which one does it notice as much as stepping does?

# %% tags=["experiment"]
play.pooling_and_shifts(max_pool_forward_naive, avg_pool_forward_naive)

# %% [markdown]
# ### Task 9. How much does the output change?
# `shift_response` · ★★ · about 25 minutes · 9 points
#
# The picture moves to the right, and what leaves it on the right comes in again on the left, so nothing
# gets lost. `layer` is any function that takes a batch of one picture, `(1, C, H, W)`, and returns
# `(1, F, H', W')`. In the checks these are small layers of the kit's own, called by names that say what
# they do, such as `identity` or `every_second_pixel`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# You have to call the layer twice. What does it get the first time, and what the second time? It wants four
# axes and the picture has three.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# `np.roll` moves an array around along an axis that you name. Which axis of `(C, H, W)` is the width?
# There are three absolute values in the formula, and three means.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     a = output for the picture;  b = output for the rolled picture
#     below = mean of |a| plus mean of |b|
#     if below is zero: the response is 0.0
#     else it is the mean of |b − a|, divided by below, as a float
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "shift_response-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shift_response(layer, image, shift):
    """How much the output of a layer changes when its picture moves to the right.

    Arguments:
        layer: a function that takes an array (1, C, H, W) and returns an array (1, F, H', W')
        image: (C, H, W) array
        shift: int, by how many pixels the picture moves to the right; what leaves it there
            comes in again on the left. Negative: to the left.

    Returns: float, from 0 to 1: with the outputs a before and b after the shift
        mean |b - a| / (mean |a| + mean |b|), and 0.0 if both outputs are zero everywhere.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    before = layer(image[None])
    after = layer(np.roll(image, shift, axis=2)[None])
    below = np.mean(np.abs(before)) + np.mean(np.abs(after))
    if below == 0:
        return 0.0
    return float(np.mean(np.abs(after - before)) / below)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 25, "title": "Response to a shift"} nbgrader={"grade": true, "grade_id": "shift_response", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check("shift_response")

# %% [markdown]
# **Look: pooling against stepping.** All layers below make a map that is smaller by four in both
# directions, but for the first, which is there to compare. Their input is the map of edges from section 1,
# so together with the filter each of them is a small network:
#
# - *every pixel*: a convolution with stride 1, and nothing behind it;
# - *every fourth pixel*: the same convolution with **stride 4**. It computes only what it keeps;
# - *average* and *maximum of 4×4*, stride 4: windows side by side;
# - *maximum of 8×8*, stride 4: windows that overlap.
#
# On the left the picture is a photograph. On the right it is a single bright dot, at first in the left
# column of a 4×4 window. (There, some curves lie on top of each other.)

# %% tags=["experiment"]
with look("shift_response", "max_pool_forward_vectorized", "avg_pool_forward_vectorized"):

    def pooling(forward, side, stride):
        pool_param = {"pool_height": side, "pool_width": side, "stride": stride}
        return lambda x: forward(x, pool_param)[0]

    layers = {
        "every pixel": (lambda x: x, "k:"),
        "every fourth pixel": (lambda x: x[:, :, ::4, ::4], "C3o-"),
        "average of 4×4": (pooling(avg_pool_forward_vectorized, 4, 4), "C1s-"),
        "maximum of 4×4": (pooling(max_pool_forward_vectorized, 4, 4), "C0s-"),
        "maximum of 8×8, stride 4": (pooling(max_pool_forward_vectorized, 8, 4), "C2^-"),
    }
    grey = datasets.photograph("astronaut").mean(axis=2)
    edges = np.maximum(0, grey - np.roll(grey, 1, axis=1))
    dot = np.zeros((40, 40))
    dot[20, 20] = 1
    shifts = range(9)
    fig, axes = plt.subplots(1, 2, figsize=(11, 3.8), sharey=True)
    for ax, picture, title in zip(axes, (edges, dot), ("edges of a photograph", "a dot"), strict=True):
        for label, (layer, style) in layers.items():
            curve = [shift_response(layer, picture[None], shift) for shift in shifts]
            ax.plot(shifts, curve, style, label=label, markersize=5)
        ax.set(title=title, xlabel="shift in pixels", ylim=(-0.04, 1.06))
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("response (0: no change)")
    axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
    fig.tight_layout()
    plt.show()

# %% [markdown]
# **What this shows, and what it does not.** The strided convolution responds to a shift of a single pixel
# with about 0.7. That is close to the 0.8 that it gives for any other shift, and no less than what the
# convolution gives that keeps every pixel: stepping buys no invariance at all. Of the pooled maps the
# average responds with less than 0.2, the maximum with little more than 0.1, and overlapping windows do
# better still. So pooling does give invariance. But only *a little*: the curves climb, and after four
# pixels, one whole window, windows of 4×4 respond with 0.4 to 0.6. Nothing here recognises a cat on the
# other side of the picture.
#
# The dot tells why. As long as it stays in its window, the output does not change at all, for the
# maximum and the average alike. When it steps over the border, everything changes at once. Had it started
# in the right column, the first pixel would have been enough! Of the four columns in which it may start, a
# shift by one pixel is harmless in three, and a shift by three pixels in one. (For the strided convolution
# it falls through the grid: at shifts 1, 2 and 3 the output is zero everywhere.)
#
# And one warning about the measure: a layer that always returns the same is perfectly invariant, and
# perfectly useless. Small responses are only worth something if the output still says what you need.


# %% [markdown] autograder={"difficulty": 3, "minutes": 10, "title": "Pooling or strided convolution"} nbgrader={"grade": true, "grade_id": "written_pool_or_stride", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question C. Pooling or a strided convolution?
# `written_pool_or_stride` · ★★★ · about 10 minutes · 3 points
#
# A network has a 3×3 convolution with stride 1, then max pooling of 2×2 with stride 2. Somebody wants to
# replace both by a single 3×3 convolution with stride 2. The output keeps its shape.
#
# 1. What becomes cheaper, and by how much about? What happens to the number of parameters?
# 2. What do the curves above say about the price of this? Refer to what you measured.
# 3. Many modern networks use strided convolutions all the same. Give one argument for them that the
#    measurement above cannot show.
#
# ### BEGIN SOLUTION
# **Model answer.** The convolution with stride 2 computes a quarter of the outputs, so it needs a quarter of
# the multiply-adds (and the pooling itself is saved, and the memory of the large map); the number of
# parameters stays the same, since pooling has none. The price is the little translation invariance: in the
# curves, taking every fourth pixel responds to a shift of one pixel with about 0.7, no less than the map that
# is not made smaller at all (0.6), while the maximum of 4×4 responds with about 0.1. Most values are never
# looked at, so what is found depends on how the grid happens to lie. For the strided convolution:
# its filters are *learned*, so they can learn to smooth, or to keep the exact position where the task needs
# it (segmentation, pose, generating pictures); here the filter was fixed by hand. Also the network can get
# invariance elsewhere: from augmented data, from more layers, from one average over the whole map at the end.
#
# **Mark scheme.** 1 point: a quarter of the multiply-adds (half), parameters unchanged (half). 1 point: less
# invariance, with reference to the measured curves (half a point without numbers or reference). 1 point: an
# argument of the kind: learned down-sampling, position is needed, invariance comes from elsewhere, simpler
# or all-convolutional networks train as well.
# ### END SOLUTION

# %% [markdown]
# ## Handing in
#
# You have built two pooling layers, twice each, and you have measured what people usually just claim about
# them. Well done.
#
# Before you hand in:
#
# 1. Choose *Kernel → Restart Kernel and Run All Cells*. Now every cell has run once, in order, as it will
#    when it is graded.
# 2. Look at each `check`: does it say what you expect? A task that you did not solve does no harm to the
#    others; leave its cell as it is.
# 3. Have you answered questions A, B and C?
# 4. Save the notebook, keep its name `pooling.ipynb`, and hand it in the way your course asks you to.
#
# Cells that you added, and the text around the tasks, are not graded. Please do not delete the cells with
# `check`, and leave the names of the functions as they are.
