# %% [markdown]
# # Convolution
#
# **How can a computer find the same thing anywhere in a picture?**
#
# An edge is an edge, whether it is at the top left or at the bottom right. So it would be a waste
# to learn one edge detector for each place. A *convolution layer* learns one small filter and slides
# it over the whole picture. That one idea carries most of modern image recognition, and it is short
# enough that you can build all of it yourself. In this notebook you do.
#
# **Who this is for.** You know Python, a little NumPy (arrays, shapes, slices) and the chain rule.
# You need not have met convolution before.
#
# **What you build.** First the arithmetic of sizes: how large a layer's output is, what it costs, how
# far it sees. Then the layer itself with plain loops, forward and backward; then the same layer without
# the loops, hundreds of times faster. Then what the idea also gives: 1×1 filters, stacks of filters,
# sound and video.
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
# the same kind, with other sizes, so a function that follows its description has nothing to fear.
# Three written questions are read by a person.
#
# **How hard, how long.** Every task shows one to five stars, and the minutes that it takes most people.
# All of it is about eight hours. You need not do it in one go.
#
# *The text and figures of this notebook are licensed under
# [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), its code under the MIT licence. The
# photographs are in the public domain.*

# %%
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, datasets, play, progress, race

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
# ## 1 · A filter slides
#
# Take a row of six numbers and a *filter* of three:
#
#     signal    2   3   1   0   4   5
#     filter    1   0  -1
#
# Lay the filter on the first three numbers, multiply what lies on top of each other, add up:
# 2·1 + 3·0 + 1·(−1) = 1. Move the filter one step to the right and do it again:
#
#     2   3   1   .   .   .     2·1 + 3·0 + 1·(−1) =  1
#     .   3   1   0   .   .     3·1 + 1·0 + 0·(−1) =  3
#     .   .   1   0   4   .     1·1 + 0·0 + 4·(−1) = −3
#     .   .   .   0   4   5     0·1 + 4·0 + 5·(−1) = −5
#
# The output is the row 1, 3, −3, −5. This filter compares left with right: where the signal falls, the
# output is positive, where it rises, negative, and where it is flat, zero. It looks for change.
#
# Three numbers that go with a filter decide how long the output is:
#
# - the **kernel** size is how many numbers the filter covers (here 3);
# - the **stride** is how far it moves at each step (here 1);
# - the **padding** is how many zeros are put at *each* end of the signal before sliding (here 0).
#
# *(Mathematicians flip the filter before they slide it, and call what we do here cross-correlation. Deep
# learning does not flip, since a learned filter might just as well learn the flipped numbers. Neither do
# we, in all of this notebook.)*

# %% [markdown]
# ### Task 1. How many places are there?
# `conv_output_size` · ★ · about 5 minutes · 4 points
#
# A warm-up. At how many places does the filter stop? In the example: six numbers, a filter of three,
# steps of one, so four places. With a stride of 3 there would be two places, and the outputs 1 and −5.
#
# With a stride of 2 the filter would stand on numbers 1 to 3, then on 3 to 5, and then half outside.
# Libraries often ignore the last number silently. We want to know: in this notebook **sizes that don't
# work out raise a `ValueError`**, here and in all layers. That is the case when the filter is longer
# than the padded signal, and when the last step does not end exactly at the border.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Padding just makes the signal longer. By how much? After that, forget about padding.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# The first place is for free. How much room is then left on the right of the filter, and how many whole
# steps fit into that room?
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# `room = (length with both paddings) - kernel`. Negative room means that the filter does not fit. A
# remainder of `room` after division by the stride means that the last step does not end at the border.
# Otherwise there is one place, and one more for every step.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv_output_size-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_output_size(size, kernel, stride=1, pad=0):
    """Number of places at which a filter stops along one axis.

    Arguments (all int; size, kernel and stride are at least 1, pad at least 0):
        size: length of the input
        kernel: length of the filter
        stride: length of one step
        pad: zeros added at each of the two ends

    Returns: int.
    Raises: ValueError if the filter is longer than the padded input, or if its last step
        does not end exactly at the border.
    """
    ### BEGIN SOLUTION
    room = size + 2 * pad - kernel
    if room < 0:
        raise ValueError(f"a filter of {kernel} does not fit into {size} + 2·{pad} numbers")
    if room % stride != 0:
        raise ValueError(f"steps of {stride} do not divide the {room} numbers beside the filter")
    return room // stride + 1
    ### END SOLUTION


# %% autograder={"difficulty": 1, "minutes": 5, "title": "Output size"} nbgrader={"grade": true, "grade_id": "conv_output_size", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("conv_output_size")

# %% tags=["experiment"]
with look("conv_output_size"):
    size, kernel = 7, 3
    fig, axes = plt.subplots(1, 4, figsize=(11, 2.2), sharey=True)
    for ax, (stride, pad) in zip(axes, [(1, 0), (2, 0), (2, 1), (3, 0)], strict=True):
        for i in range(-pad, size + pad):
            color = "#dbe7f3" if 0 <= i < size else "white"
            ax.add_patch(plt.Rectangle((i, 0), 1, 1, facecolor=color, edgecolor="gray"))
        try:
            places = conv_output_size(size, kernel, stride, pad)
            title = f"{places} places"
        except ValueError:
            places, title = 0, "ValueError"
        for place in range(places):
            left = place * stride - pad + 0.1
            ax.plot([left, left + kernel - 0.2], [-0.5 * (place + 1)] * 2, color="C3", linewidth=4)
        ax.set(
            xlim=(-1.2, size + 1.2), ylim=(-3, 1.2), title=f"stride {stride}, pad {pad}: {title}"
        )
        ax.axis("off")
    fig.suptitle("A filter of 3 (red) on 7 numbers (blue): where it stops")
    fig.tight_layout()
    plt.show()


# %% [markdown]
# ### Task 2. Keep the size
# `same_padding` · ★ · about 3 minutes · 2 points
#
# Without padding every layer makes the picture a little smaller: a kernel of 5 takes away four pixels
# in each direction. After eight such layers a picture of 32 pixels is gone. So it is common to pad just
# as much as the filter takes away, which is called *same* padding. How many zeros does each end need, at
# stride 1? For some kernels no whole number of zeros does it: then raise a `ValueError`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# What does a kernel of 1 need? And one of 3?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Write down the size of the output at stride 1 and ask that it be equal to the size of the input.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# A kernel takes away one number less than it is long, and the two ends share that. Which kernels leave
# half a zero for each end?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "same_padding-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def same_padding(kernel):
    """Padding that keeps the size of the input at stride 1.

    Arguments: kernel, int, at least 1: length of the filter.
    Returns: int, the zeros to add at each end.
    Raises: ValueError if no whole number of zeros keeps the size.
    """
    ### BEGIN SOLUTION
    if kernel % 2 == 0:
        raise ValueError(f"a filter of {kernel} would need half a zero at each end")
    return (kernel - 1) // 2
    ### END SOLUTION


# %% autograder={"difficulty": 1, "minutes": 3, "title": "Same padding"} nbgrader={"grade": true, "grade_id": "same_padding", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("same_padding")

# %% [markdown]
# **Play: where the windows land.** Move size, kernel, stride and padding. First guess the number of places,
# then look. Which settings leave numbers that no window ever reaches? Your own function answers along.

# %% tags=["experiment"]
play.padding_and_stride(conv_output_size)


# %% [markdown]
# ## 2 · From a row to a picture: what does it cost?
#
# A colour picture is a block of numbers: 3 **channels** (red, green, blue), each `H` pixels high and `W`
# pixels wide, so its shape is `(3, H, W)`. A filter for it is a small block, `(3, 5, 5)` for example: it
# slides over height and width, but it always reaches **through all channels**. At each place it
# multiplies 3·5·5 = 75 pairs of numbers, adds them up, and adds one more learned number, its **bias**.
# One filter gives one output picture, called an **activation map**. Ten filters give ten maps, stacked:
# the output has 10 channels. Then it can be the input of the next layer.
#
# **Worked example.** The input is `(3, 32, 32)`. Ten filters of 5×5, stride 1, padding 2.
#
# - *Output:* along each axis 32 + 2·2 − 5 + 1 = 32 places. Ten filters, so `(10, 32, 32)`.
# - *Parameters:* each filter has 3·5·5 = 75 weights and 1 bias, 76 numbers. Ten filters: **760**.
# - *Multiply-adds:* the output has 10·32·32 = 10,240 numbers, and each needs 75 multiplications with an
#   addition each: **768,000**. (The bias is not counted: next to 75 it does not matter.)

# %% [markdown]
# ### Task 3. The price of a layer
# `conv_cost` · ★★ · about 10 minutes · 6 points
#
# Write the example as a function, for any layer.
#
# <details><summary>Hint 1: a nudge</summary>
#
# You have already written the difficult part. Height and width need not be equal.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# How many weights does *one* filter have? Both of the other numbers follow from that.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# The output has one channel for each filter. Parameters: filters × (weights of one filter and its
# bias). Multiply-adds: numbers in the output × weights of one filter.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv_cost-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    """Output shape, number of parameters and number of multiply-adds of a layer.

    Arguments:
        in_shape: (C, H, W), the shape of one input picture
        num_filters: int, number of filters F
        kernel: int, filters are kernel × kernel
        stride, pad: int, the same for height and width

    Returns: (out_shape, params, multiply_adds), where out_shape is (F, H', W') and the
        others are int. params counts weights and biases, multiply_adds only the weights.
    Raises: ValueError if the filter does not fit, as conv_output_size does.
    """
    ### BEGIN SOLUTION
    C, H, W = in_shape
    H_out = conv_output_size(H, kernel, stride, pad)
    W_out = conv_output_size(W, kernel, stride, pad)
    weights = C * kernel * kernel
    params = num_filters * (weights + 1)
    multiply_adds = num_filters * H_out * W_out * weights
    return (num_filters, H_out, W_out), params, multiply_adds
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 10, "title": "Cost of a layer"} nbgrader={"grade": true, "grade_id": "conv_cost", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("conv_cost")

# %% [markdown]
# **Look.** The same ten filters on larger and larger pictures. Which column grows, and which does not?

# %% tags=["experiment"]
with look("conv_cost"):
    print("picture       output          parameters   multiply-adds")
    for side in (32, 64, 128, 256):
        shape, params, multiply_adds = conv_cost((3, side, side), 10, 5, stride=1, pad=2)
        print(f"3×{side}×{side}".ljust(14), end="")
        print("×".join(map(str, shape)).ljust(14), f"{params:>11,} {multiply_adds:>15,}")


# %% [markdown] autograder={"difficulty": 2, "minutes": 10, "title": "Parameters of a convolution"} nbgrader={"grade": true, "grade_id": "written_parameters", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question A. Few parameters
# `written_parameters` · ★★ · about 10 minutes · 3 points
#
# A *fully connected* layer has one weight for every pair of an input number and an output number, and a
# bias for each output number. Take the worked example: a `(3, 32, 32)` input and a `(10, 32, 32)`
# output.
#
# 1. How many parameters would a fully connected layer between these two shapes have, and about how many
#    times is that the 760 of the convolution?
# 2. Which *two* properties of a convolution save them?
# 3. What does the convolution give up for this, and why is that a good bargain for pictures?
#
# A few sentences are enough.
#
# ### BEGIN SOLUTION
# **Model answer.** The input has 3·32·32 = 3,072 numbers, the output 10·32·32 = 10,240. Fully
# connected: 3,072 · 10,240 + 10,240 = 31,467,520 parameters, about 41,000 times as many. Two properties
# save them: *local connections* (an output number sees 75 input numbers instead of 3,072) and *shared
# weights* (all 1,024 places of a map use the same 75 weights and the same bias). The convolution can
# neither relate distant pixels within one layer nor treat places differently. In pictures, what belongs
# together mostly lies together, and a thing looks the same wherever it is, so little is lost, and far
# fewer examples are needed to learn the weights.
#
# **Mark scheme.** 1 point: the count (31.5 million, or 31.46 without biases) and the ratio (about 41,000;
# half a point for a right method with a slip). 1 point: both local connections and shared weights (half
# a point each). 1 point: something that is given up (long range within one layer, weights that depend on
# the place) *and* why pictures allow it (locality, or translation equivariance).
# ### END SOLUTION

# %% [markdown]
# ## 3 · How far does a layer see?
#
# One output number of a 3×3 layer depends on 3×3 input pixels. Put a second 3×3 layer on top: its output
# depends on 3×3 numbers of the first layer, and these together on 5×5 pixels. The pixels that an output
# number depends on are its **receptive field**. Along one axis, with stride 1:
#
#     layers    receptive field
#       0             1            the number is the pixel
#       1             3
#       2             5
#       3             7
#
# Each layer adds *kernel − 1* pixels. Strides make it grow faster. Let the first layer have stride 2:
# neighbouring numbers of its output then stand two pixels apart, so the two further neighbours that a
# second 3×3 layer takes in reach 2·2 pixels further: 3 + 4 = 7 instead of 5.
#
#     layers (kernel, stride)              receptive field
#     (3, 2)                               3
#     (3, 2), (3, 1)                       3 + 2·2 = 7
#     (3, 2), (3, 1), (3, 1)               7 + 2·2 = 11

# %% [markdown]
# ### Task 4. The receptive field
# `receptive_field` · ★★ · about 15 minutes · 6 points
#
# Compute it for any stack of layers.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Walk from the input to the output and keep two numbers: how many pixels you see, and how far apart (in
# pixels) two neighbours of the present layer stand.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# A layer adds *kernel − 1* neighbours. What one neighbour is worth depends on all layers *before* it. A
# layer's own stride matters only to the layers after it.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Start with a field of 1 and a distance of 1. For each layer: first enlarge the field by (kernel − 1)
# distances, then update the distance by the stride. Does the distance add up, or multiply?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "receptive_field-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def receptive_field(layers):
    """Number of input pixels along one axis that one output number depends on.

    Arguments: layers, a list of pairs (kernel, stride) of int, in order from the input.
    Returns: int; 1 for an empty list.
    """
    ### BEGIN SOLUTION
    field, distance = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * distance
        distance *= stride
    return field
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 15, "title": "Receptive field"} nbgrader={"grade": true, "grade_id": "receptive_field", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("receptive_field")

# %% [markdown]
# **Look.** The squares are what one number in the centre sees after one, two, … layers of 3×3. After how
# many layers would it see the cat's whole eye? Its whole face?

# %% tags=["experiment"]
with look("receptive_field"):
    cat = datasets.photograph("chelsea")
    eye_row, eye_column = 49, 72
    fig, axes = plt.subplots(1, 3, figsize=(11, 3), width_ratios=[3, 3, 2.2])
    for ax, stride in zip(axes, (1, 2), strict=False):
        ax.imshow(cat)
        for depth in range(1, 6):
            side = receptive_field([(3, stride)] * depth)
            corner = (eye_column - side / 2, eye_row - side / 2)
            color = plt.cm.autumn(depth / 5)
            ax.add_patch(
                plt.Rectangle(corner, side, side, fill=False, edgecolor=color, linewidth=2)
            )
        ax.set_title(f"1 to 5 layers of 3×3, stride {stride}")
        ax.axis("off")
    depths = range(9)
    for kernel, stride, color in [(3, 1, "C0"), (5, 1, "C2"), (3, 2, "C3")]:
        fields = [receptive_field([(kernel, stride)] * depth) for depth in depths]
        axes[2].plot(depths, fields, "o-", color=color, label=f"{kernel}×{kernel}, stride {stride}")
    axes[2].set(xlabel="layers", title="receptive field (pixels)", yscale="log")
    axes[2].set_yticks([1, 10, 100], ["1", "10", "100"])
    axes[2].legend()
    fig.tight_layout()
    plt.show()


# %% [markdown]
# **Play: build a stack.** Add layers, change their kernels and strides, and see which pixels one number at
# the top depends on. How do you reach 15 pixels with as few layers as possible? Can a layer skip pixels
# altogether?

# %% tags=["experiment"]
play.receptive_fields(receptive_field)

# %% [markdown]
# ## 4 · The layer
#
# Now the real thing. A layer works on a **batch** of pictures at once. Four shapes are all you need;
# they are the same in every task from here on:
#
# | name | shape | what it is |
# | --- | --- | --- |
# | `x` | `(N, C, H, W)` | N pictures with C channels |
# | `w` | `(F, C, HH, WW)` | F filters; each reaches through all C channels |
# | `b` | `(F,)` | one bias for each filter |
# | `out` | `(N, F, H', W')` | F activation maps for each picture |
#
# `conv_param` is a dictionary `{"stride": …, "pad": …}`; both hold for height and width alike. Neither
# pictures nor filters need be square.
#
# In one formula, with `X` for the padded input and `s` for the stride:
#
# $$\text{out}[n, f, i, j] \;=\; b[f] + \sum_{c}\sum_{p}\sum_{q} X[n, c,\; i s + p,\; j s + q] \cdot w[f, c, p, q]$$

# %% [markdown]
# **Play: one window at a time.** Slide the filter over a small digit by hand, with one channel and no bias;
# below stands what it multiplies and adds. Where is the output zero though the picture is not? Then try a
# stride of 2, and some padding.

# %% tags=["experiment"]
play.sliding_filter()

# %% [markdown]
# ### Task 5. Forward, with loops
# `conv_forward_naive` · ★★★ · about 40 minutes · 14 points
#
# Translate the formula into loops. Speed does not matter here, clarity does: this version is what you
# will compare the fast one with.
#
# A layer also returns a **cache**: what the backward pass will need. Here it is prescribed, exactly the
# tuple `(x, w, b, conv_param)`. Do not change the arguments, and keep their dtype: if `x`, `w` and `b`
# are `float32`, so is `out`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which four numbers name one entry of `out`? That is four loops. The rest of the formula is one line of
# NumPy: a window times a filter, added up.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# `np.pad` takes one pair (before, after) for each of the four axes; only the last two get zeros. Compute
# both output sizes with your first function, which also raises the `ValueError` for you. `np.result_type`
# tells the dtype that several arrays have in common.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     pad x, find both output sizes, make an array of zeros for out (mind its dtype)
#     for each picture, each filter, each row i, each column j:
#         window = all channels; as many rows as the filter has, from i·stride on; columns likewise
#         out at [n, f, i, j] = sum of window times filter f, plus bias f
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv_forward_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_forward_naive(x, w, b, conv_param):
    """Forward pass of a convolution layer, with loops.

    Arguments:
        x: (N, C, H, W) array of float64 or float32, the pictures
        w: (F, C, HH, WW), the filters
        b: (F,), the biases
        conv_param: {"stride": int, "pad": int}; pad zeros are added on all four sides

    Returns: (out, cache)
        out: (N, F, H', W'), of the common dtype of x, w and b
        cache: the tuple (x, w, b, conv_param)
    Raises: ValueError if the filter is larger than the padded picture, or if its last step
        does not end exactly at the border, in height or in width.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = conv_output_size(H, HH, stride, pad)
    W_out = conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out), dtype=np.result_type(x, w, b))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    window = padded[n, :, top : top + HH, left : left + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out, (x, w, b, conv_param)
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 40, "title": "Forward pass with loops"} nbgrader={"grade": true, "grade_id": "conv_forward_naive", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
check("conv_forward_naive")

# %% [markdown]
# **Look: a filter on its way.** Your layer slides a 5×5 filter over a small photograph. In the upper row
# you see where the filter stands, below what it has written so far. Red is positive: dark on the left,
# bright on the right. Blue is the opposite.

# %% tags=["experiment"]
with look("conv_forward_naive"):
    small = datasets.photograph("astronaut").reshape(40, 4, 40, 4, 3).mean(axis=(1, 3, 4))
    to_the_right = np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]) / 48
    swept, _ = conv_forward_naive(
        small[None, None], to_the_right[None, None], np.zeros(1), {"stride": 1, "pad": 0}
    )
    swept = swept[0, 0]
    strongest = np.unravel_index(np.argmax(swept), swept.shape)
    stops = sorted([(3, 8), (13, 19), strongest, (33, 30)])
    bound = np.abs(swept).max()
    fig, axes = plt.subplots(2, 4, figsize=(11, 5.6))
    for (row, column), above, below in zip(stops, *axes, strict=True):
        above.imshow(small)
        window = plt.Rectangle(
            (column - 0.5, row - 0.5), 5, 5, fill=False, edgecolor="yellow", linewidth=2
        )
        above.add_patch(window)
        above.set_title(f"the filter at row {row}, column {column}")
        written = np.where(np.arange(swept.size) <= row * swept.shape[1] + column, 1, np.nan)
        shown = swept * written.reshape(swept.shape)
        below.imshow(shown, cmap="RdBu_r", vmin=-bound, vmax=bound)
        below.plot(column, row, "s", markersize=7, markerfacecolor="none", markeredgecolor="black")
        below.set_title(f"writes {swept[row, column]:+.2f}")
        above.axis("off")
        below.set(xticks=[], yticks=[], facecolor="#eeeeee")
    fig.tight_layout()
    plt.show()


# %% [markdown]
# **Look: what filters find.** Here are six filters made by hand, and what your layer makes of a cup of
# coffee with them. Each filter is 3×3 and has a part for red, one for green and one for blue.
#
# - *Edges:* differences of neighbours, to the right or downwards.
# - *Blur:* the mean of the window. *Sharpen:* the pixel, and what sets it apart from its neighbours.
# - *Opposing colours:* positive for one colour, negative for another.
#
# Before you run the cell: where will the cup's rim be red or blue in the first map, and where in the
# second?


# %% tags=["experiment"]
def filter_bank():
    """Six 3×3 filters for colour pictures, (6, 3, 3, 3), and their names."""
    right = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    mean = np.full((3, 3), 1 / 9)
    centre = np.zeros((3, 3))
    centre[1, 1] = 1
    grey = np.full(3, 1 / 3)
    colours_and_planes = {
        "edge: brighter to the right": (grey, right),
        "edge: brighter below": (grey, right.T),
        "blur": (grey, mean),
        "sharpen": (grey, 4 * centre - 3 * mean),
        "red against green": (np.array([1, -1, 0]), mean),
        "blue against yellow": (np.array([-0.5, -0.5, 1]), mean),
    }
    filters = [colours[:, None, None] * plane for colours, plane in colours_and_planes.values()]
    return np.stack(filters), list(colours_and_planes)


def show_maps(picture, maps, names):
    """Draw a picture (H, W, 3) and its activation maps (F, H', W')."""
    fig, axes = plt.subplots(2, 4, figsize=(11, 4.6))
    axes.flat[0].imshow(picture)
    axes.flat[0].set_title("the photograph")
    axes.flat[-1].set_visible(False)
    for ax, activation, name in zip(axes.flat[1:], maps, names, strict=False):
        if activation.min() < 0 and name != "sharpen":
            bound = np.abs(activation).max()
            ax.imshow(activation, cmap="RdBu_r", vmin=-bound, vmax=bound)
        else:
            ax.imshow(activation, vmin=0, vmax=1)
        ax.set_title(name)
    for ax in axes.flat:
        ax.axis("off")
    fig.tight_layout()
    plt.show()


with look("conv_forward_naive"):
    picture = datasets.photograph("coffee")[4:124, 20:164]
    filters, names = filter_bank()
    maps, _ = conv_forward_naive(
        picture.transpose(2, 0, 1)[None], filters, np.zeros(6), {"stride": 1, "pad": 1}
    )
    show_maps(picture, maps[0], names)


# %% [markdown]
# **Play: a filter of your own.** Change the nine numbers and see what your layer makes of the photograph.
# Can you turn *Sobel* so that it finds slanted edges? What must the numbers add up to if an even area is to
# stay as bright as it was?

# %% tags=["experiment"]
play.activation_map(conv_forward_naive)

# %% [markdown]
# Nobody makes filters by hand today: a network *learns* them. In the first layer, what it learns looks
# much like what you just saw.

# %% [markdown] autograder={"difficulty": 2, "minutes": 10, "title": "What filters look for"} nbgrader={"grade": true, "grade_id": "written_filters", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question B. What do first-layer filters look for?
# `written_filters` · ★★ · about 10 minutes · 3 points
#
# 1. A filter of the first layer and the window below it are two lists of numbers of the same length. For
#    which windows, among all that are equally strong, is the filter's output largest? What does that
#    have to do with the filter as a *template*?
# 2. Name two kinds of things that learned filters of a first layer typically look for.
# 3. Why does such a filter find its thing in *every* corner of the picture, and why can't it find a face?
#
# ### BEGIN SOLUTION
# **Model answer.** The output is the inner product of filter and window (plus the bias). Among windows of
# equal norm it is largest for the one that points in the filter's own direction: that looks like the
# filter. So the filter is a template, and the activation map says how well each place matches it.
# Typical: oriented edges and bars of various directions and spacings (like Gabor filters); opposing
# colours, such as a blob of red against green or blue against orange. Since the same weights are used at
# every place, the template is compared everywhere (if the picture moves, the map moves with it). A face
# is larger than the window of 3 to 11 pixels, and too varied for one linear template; it takes deeper
# layers, with a larger receptive field, which combine edges to parts and parts to faces.
#
# **Mark scheme.** 1 point: inner product, largest when the window looks like (is a multiple of) the
# filter; "template matching" with this reason is enough. 1 point: two of: oriented edges, bars or
# textures of some frequency, opposing colours or colour blobs (half a point each). 1 point: shared weights
# (half), small receptive field or a single linear template (half).
# ### END SOLUTION

# %% [markdown]
# ## 5 · Backward
#
# A network learns by asking of each of its numbers: *if this were a little larger, how would the loss
# change?* For the layer's output, the layers above have already answered: `dout` has the shape of `out`
# and holds the derivative of the loss by each output number. Your layer has to pass the answer on to its
# own inputs: `dx`, `dw` and `db`.
#
# **Worked example.** The row of section 1, with `out = 1, 3, −3, −5`. Say `dout = 1, 0, 0, 2`: only the
# first and the last output number matter.
#
# - *Bias.* It is added to every output number. So its derivative is 1 + 0 + 0 + 2 = **3**.
# - *Filter.* The first weight was multiplied with 2 in the first window and with 0 in the last. So its
#   derivative is 1·2 + 2·0 = 2. All three at once: 1 times the first window `2 3 1`, plus 2 times the
#   last window `0 4 5`, gives **2, 11, 11**.
# - *Signal.* The first window was weighted with the filter `1 0 −1`. So each of its numbers gets its
#   weight's share of `dout`. Every window stamps the filter, times its `dout`, onto the place it came
#   from:
#
#       1 times the filter at place 0      1   0  -1   .   .   .
#       2 times the filter at place 3      .   .   .   2   0  -2
#       dx                                 1   0  -1   2   0  -2
#
# Where windows overlap, the stamps add up. That is all there is to it; pictures only add more axes.

# %% [markdown]
# ### Task 6. Backward, with loops
# `conv_backward_naive` · ★★★★ · about 60 minutes · 14 points
#
# Visit the same places as in the forward pass. At each of them, one number of `dout` says how much that
# place matters.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Take the loops of your forward pass and look at its innermost line. It uses three things: a window, a
# filter, a bias. Each of them gets one line in the backward pass.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# With `g` for one number of `dout`: `dw` of that filter grows by `g` times the window, and the window's
# gradient grows by `g` times the filter. Collect the gradient of the *padded* picture first. How do you
# get from there to the gradient of `x`?
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     unpack the cache, pad x, make zeros for dw, db and for the gradient of the padded x
#     for each picture, filter, row, column:
#         g = the entry of dout
#         add to db[f], to dw[f], and to the gradient under the window
#     cut the border off: keep H rows and W columns from pad on
#     (a slice that ends at -pad is empty when pad is 0!)
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv_backward_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_backward_naive(dout, cache):
    """Backward pass of a convolution layer, with loops.

    Arguments:
        dout: (N, F, H', W'), the derivative of the loss by out
        cache: (x, w, b, conv_param), as conv_forward_naive returns it

    Returns: (dx, dw, db), the derivatives of the loss by x, w and b, each of the shape of
        what it belongs to, and of the common dtype of dout, x and w.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    N, F, H_out, W_out = dout.shape
    dtype = np.result_type(dout, x, w)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded = np.zeros(padded.shape, dtype=dtype)
    dw = np.zeros(w.shape, dtype=dtype)
    db = np.zeros(b.shape, dtype=dtype)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    rows = slice(i * stride, i * stride + HH)
                    columns = slice(j * stride, j * stride + WW)
                    g = dout[n, f, i, j]
                    db[f] += g
                    dw[f] += g * padded[n, :, rows, columns]
                    dpadded[n, :, rows, columns] += g * w[f]
    dx = dpadded[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, db
    ### END SOLUTION


# %% autograder={"difficulty": 4, "minutes": 60, "title": "Backward pass with loops"} nbgrader={"grade": true, "grade_id": "conv_backward_naive", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
check("conv_backward_naive")


# %% [markdown]
# **A test you can always do yourself.** A derivative says what happens when a number changes a little. So
# change it a little and see! For a loss `L` and a small step `h`, the *central difference*
# `(L(a + h) − L(a − h)) / 2h` comes very close to the derivative. It is far too slow for learning, but as
# a test of a backward pass it has no equal. You will want to use it again and again.


# %%
def numerical_gradient(loss, a, h=1e-5):
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
with look("conv_forward_naive", "conv_backward_naive"):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 5, 7))
    w, b = rng.standard_normal((2, 3, 3, 3)), rng.standard_normal(2)
    conv_param = {"stride": 2, "pad": 1}
    out, cache = conv_forward_naive(x, w, b, conv_param)
    dout = rng.standard_normal(out.shape)

    def loss():
        return np.sum(conv_forward_naive(x, w, b, conv_param)[0] * dout)

    gradients = conv_backward_naive(dout, cache)
    for name, a, gradient in zip(("dx", "dw", "db"), (x, w, b), gradients, strict=True):
        error = np.abs(gradient - numerical_gradient(loss, a)).max()
        print(f"{name}: largest difference to the central differences {error:.0e}")
    print("Something like 1e-10 is as good as it gets. 1e-2 would be a mistake.")

# %% [markdown]
# **Look: stamps.** If only a few output numbers matter, the gradient of the picture shows the filter,
# stamped at their places. On the left `dout`, with a few ones and a minus one; on the right the `dx` that
# your function makes of it with the filter in the middle. Where do stamps overlap?

# %% tags=["experiment"]
with look("conv_backward_naive"):
    stamp = np.array(
        [[0, 1, 1, 1, 0], [1, 0, 0, 0, 1], [1, 0, 2, 0, 1], [1, 0, 0, 0, 1], [0, 1, 1, 1, 0]]
    )
    stamp = stamp[None, None] / 2
    dout = np.zeros((1, 1, 10, 14))
    dout[0, 0, [1, 3, 7], [2, 5, 11]] = 1
    dout[0, 0, 7, 4] = -1
    canvas = np.zeros((1, 1, 23, 31))
    cache = (canvas, stamp, np.zeros(1), {"stride": 2, "pad": 0})
    dx, _, _ = conv_backward_naive(dout, cache)
    fig, axes = plt.subplots(1, 3, figsize=(11, 3.2), width_ratios=[3, 1, 4])
    titles = ("dout (stride 2)", "filter", "dx")
    for ax, values, title in zip(axes, (dout, stamp, dx), titles, strict=True):
        ax.imshow(values[0, 0], cmap="RdBu_r", vmin=-2, vmax=2)
        ax.set(title=title, xticks=[], yticks=[])
    fig.tight_layout()
    plt.show()


# %% [markdown]
# ## 6 · Fast
#
# Your loops are right, and slow: Python spends its time walking from number to number. NumPy can do the
# same work in a few large steps.
#
# **The rule for the next two tasks, in one sentence: no Python-level loop over images, channels, filters
# or pixels; a loop over the kernel window or over blocks of images is allowed.** Comprehensions,
# generators, `map`, `np.vectorize` and `np.apply_along_axis` are such loops too, only dressed up.
#
# That is checked in two ways. First, we count how many steps Python executes, and the count must not grow
# with the pictures. Second, we compare the time with a yardstick: five million multiplications that
# NumPy adds up in its own loops, about as many as a layer of this size needs. Good solutions take less
# than that, and you may take more than twice as long; it is not a race against the other students.
#
# **The idea.** Write each window as one column of a matrix: with C channels and HH×WW pixels, a column has
# C·HH·WW numbers, and a picture has H'·W' columns. Write each filter as one row. Then *all* output
# numbers are one matrix product. Small example, a 3×3 picture and 2×2 filters:
#
#     picture        columns (one for each of the 4 places)
#
#     1 2 3          1  2  4  5      <- upper left corner of every window
#     4 5 6          2  3  5  6      <- upper right
#     7 8 9          4  5  7  8      <- lower left
#                    5  6  8  9      <- lower right
#
#     (F × 4 filters as rows)  @  (4 × 4 columns)  =  (F × 4 output numbers)
#
# Look at one *row* of the columns: it is the picture itself, shifted and cut. That is why a loop over the
# HH·WW entries of the kernel window is enough, and why it is allowed.

# %% [markdown]
# ### Task 7. Forward, without loops
# `conv_forward_vectorized` · ★★★★ · about 45 minutes · 10 points
#
# The same contract as `conv_forward_naive`, the same cache.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Look up `np.lib.stride_tricks.sliding_window_view`. It gives all windows at once, at stride 1 and
# without copying. How do you get every second one?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Write down the shape of the windows, axis by axis: `(N, C, H', W', HH, WW)`. In a matrix of columns,
# which axes belong to a column, and which say which column it is? Bring them into that order before you
# reshape. `@` multiplies a stack of matrices, one for each picture.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     pad; windows at stride 1; keep every stride-th in both directions
#     reorder the axes to (N, C, HH, WW, H', W'), then reshape to N matrices of columns
#     filters as rows: (F, C·HH·WW)
#     matrix product, reshape to four axes, add the biases along the right axis
#
# `np.tensordot` and `np.einsum(..., optimize=True)` can also do it. (`einsum` without `optimize` is slow.)
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv_forward_vectorized-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_forward_vectorized(x, w, b, conv_param):
    """Forward pass of a convolution layer, without loops over images, channels, filters or pixels.

    Arguments:
        x: (N, C, H, W) array of float64 or float32, the pictures
        w: (F, C, HH, WW), the filters
        b: (F,), the biases
        conv_param: {"stride": int, "pad": int}; pad zeros are added on all four sides

    Returns: (out, cache)
        out: (N, F, H', W'), of the common dtype of x, w and b
        cache: the tuple (x, w, b, conv_param)
    Raises: ValueError if the filter is larger than the padded picture, or if its last step
        does not end exactly at the border, in height or in width.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = conv_output_size(H, HH, stride, pad)
    W_out = conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (HH, WW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, -1, H_out * W_out)
    out = (w.reshape(F, -1) @ columns).reshape(N, F, H_out, W_out) + b[:, None, None]
    return out, (x, w, b, conv_param)
    ### END SOLUTION


# %% autograder={"difficulty": 4, "minutes": 45, "title": "Forward pass without loops"} nbgrader={"grade": true, "grade_id": "conv_forward_vectorized", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check("conv_forward_vectorized")


# %% [markdown]
# ### Task 8. Backward, without loops
# `conv_backward_vectorized` · ★★★★★ · about 60 minutes · 12 points
#
# The same contract as `conv_backward_naive`. This is the summit of the notebook; take a break before it.
#
# <details><summary>Hint 1: a nudge</summary>
#
# For `out = rows @ columns` the chain rule says: the gradient of the rows is `dout @ columns.T`, and the
# gradient of the columns is `rows.T @ dout`. You have both.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# `dw` adds up over all pictures. For `dx` you have to put the columns back to where they came from, and
# add up where windows overlap. All numbers that belong to *one* entry of the kernel window came from the
# picture shifted and cut: one slice, with steps of the stride. No two of them came from the same pixel.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     make columns as in the forward pass; dout as N matrices (F, H'·W')
#     db: sum of dout over everything but the filters
#     dw: dout @ columns transposed, for all pictures, summed over them
#     dcolumns: filters transposed @ dout; reshape to (N, C, HH, WW, H', W')
#     for each entry (p, q) of the kernel window:
#         add its part of dcolumns to rows p, p + stride, … and columns q, q + stride, …
#     cut off the padding
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv_backward_vectorized-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_backward_vectorized(dout, cache):
    """Backward pass of a convolution layer; only a loop over the kernel window is needed.

    Arguments:
        dout: (N, F, H', W'), the derivative of the loss by out
        cache: (x, w, b, conv_param), as conv_forward_vectorized returns it

    Returns: (dx, dw, db), the derivatives of the loss by x, w and b, each of the shape of
        what it belongs to, and of the common dtype of dout, x and w.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    x, w, _, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = dout.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (HH, WW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, -1, H_out * W_out)
    dmaps = dout.reshape(N, F, H_out * W_out)

    db = dout.sum(axis=(0, 2, 3))
    dw = (dmaps @ columns.transpose(0, 2, 1)).sum(axis=0).reshape(w.shape)
    dcolumns = (w.reshape(F, -1).T @ dmaps).reshape(N, C, HH, WW, H_out, W_out)
    dpadded = np.zeros(padded.shape, dtype=dcolumns.dtype)
    for p in range(HH):
        for q in range(WW):
            rows = slice(p, p + stride * H_out, stride)
            cols = slice(q, q + stride * W_out, stride)
            dpadded[:, :, rows, cols] += dcolumns[:, :, p, q]
    dx = dpadded[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, db
    ### END SOLUTION


# %% autograder={"difficulty": 5, "minutes": 60, "title": "Backward pass without loops"} nbgrader={"grade": true, "grade_id": "conv_backward_vectorized", "locked": true, "points": 12, "schema_version": 3, "solution": false, "task": false}
check("conv_backward_vectorized")

# %% [markdown]
# **Look: the race.** Your two versions on growing batches, once forward and once backward. Both scales are
# logarithmic: each line across is ten times the one below. The dotted line is what your machine needs for one
# copy and one matrix product of these sizes; nobody who works with columns comes below it. The dashed line is
# where our own version lies. How does the gap between the two upper lines change as the batch grows?

# %% tags=["experiment"]
with look(
    "conv_forward_naive",
    "conv_backward_naive",
    "conv_forward_vectorized",
    "conv_backward_vectorized",
):
    display(race(conv_forward_vectorized, "conv_forward"))
    display(race(conv_backward_vectorized, "conv_backward"))


# %% [markdown]
# ## 7 · The smallest filter
#
# A 1×1 filter does not look at any neighbour. Is it of any use? It still reaches through all channels. At
# each place it takes the C numbers of a pixel and makes F new ones of them, the same way everywhere: it is
# a small fully connected layer, applied to every pixel by itself. Networks use it to mix channels, and to
# have fewer of them before an expensive layer.
#
# *Example.* A pixel (red, green, blue) = (0.8, 0.4, 0.2), and two filters, (1/3, 1/3, 1/3) for brightness
# and (1, −1, 0) for red against green: the new pixel has two channels, 0.467 and 0.4.

# %% [markdown]
# ### Task 9. The 1×1 convolution
# `conv1x1_forward` · ★★ · about 15 minutes · 5 points
#
# Write it as one matrix product per picture. Here `w` is just `(F, C)`; stride is 1, padding 0, and there
# is no cache.
#
# <details><summary>Hint 1: a nudge</summary>
#
# If all pixels of a picture are the columns of a matrix with C rows, what is the layer?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Where a pixel stands does not matter, so let `reshape` make one long axis of height and width, and undo
# that in the end. The biases belong to the axis of the filters.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# `(F, C) @ (N, C, H·W)` gives `(N, F, H·W)`: NumPy multiplies each of the N matrices. Give `b` the shape
# `(F, 1)` before you add it to this.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv1x1_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv1x1_forward(x, w, b):
    """Forward pass of a 1×1 convolution with stride 1 and without padding.

    Arguments:
        x: (N, C, H, W) array of float64 or float32
        w: (F, C), one weight for each filter and channel
        b: (F,)

    Returns: out, (N, F, H, W), of the common dtype of x, w and b. (No cache.)
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    out = w @ x.reshape(N, C, H * W) + b[:, None]
    return out.reshape(N, -1, H, W)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 15, "title": "One-by-one convolution"} nbgrader={"grade": true, "grade_id": "conv1x1_forward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("conv1x1_forward")

# %% [markdown]
# **Look.** Three 1×1 filters turn a photograph into old sepia. The picture keeps its sharpness, since no
# pixel saw its neighbours.

# %% tags=["experiment"]
with look("conv1x1_forward"):
    picture = datasets.photograph("astronaut")
    sepia = np.array([[0.39, 0.77, 0.19], [0.35, 0.69, 0.17], [0.27, 0.53, 0.13]])
    toned = conv1x1_forward(picture.transpose(2, 0, 1)[None], sepia, np.zeros(3))
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.2))
    axes[0].imshow(picture)
    axes[1].imshow(np.clip(toned[0].transpose(1, 2, 0), 0, 1))
    for ax, title in zip(axes, ("before", "after three 1×1 filters"), strict=True):
        ax.set_title(title)
        ax.axis("off")
    fig.tight_layout()
    plt.show()


# %% [markdown]
# ## 8 · Stacking
#
# Two 3×3 layers on top of each other see 5×5 pixels, you found. Do they do anything that *one* 5×5 layer
# could not do?
#
# Try it in one dimension. First the filter `1 1`, then the filter `1 −1`. From a signal `a, b, c` the
# first makes `a + b, b + c`. The second makes of that (a + b) − (b + c) = a − c. That is what the *single*
# filter `1 0 −1` would have made. Two steps, and nothing gained.
#
# With several channels it is the same: the first layer makes M maps, the second adds up what its filters
# find in all of them.

# %% [markdown]
# ### Task 10. Two layers in one
# `compose_convs` · ★★★★ · about 40 minutes · 7 points
#
# Given the filters of two layers (stride 1, no padding, no biases), find the filters of the one layer that
# does the same as the first and then the second.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Do the example on paper again. Which products of a weight of the second with a weight of the first end up
# at the same place of the single filter?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# A weight of the second layer at (r, s) looks at the first layer's output shifted by (r, s). So it
# contributes the *whole* first filter, shifted by (r, s) and multiplied by that weight. The maps in the
# middle, M, are summed over: for one (r, s), that is a matrix product of `(F, M)` with `(M, C)` for every
# entry of the first filter.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     zeros of the final shape
#     for each entry (r, s) of the second kernel:
#         add, to the part of height h1 and width w1 that starts at (r, s),
#         the sum over m of w2[f, m, r, s] times w1[m, c]
#
# `np.einsum` says such sums by letters: `"fm,mcpq->fcpq"`. Test yourself: apply both layers one after the
# other with your convolution, then the single one, and compare.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "compose_convs-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compose_convs(w1, w2):
    """The filters of one layer that does the same as two layers, at stride 1 without padding.

    Arguments:
        w1: (M, C, h1, w1), the filters of the layer that comes first
        w2: (F, M, h2, w2), the filters of the layer that comes second

    Returns: w, (F, C, h1 + h2 - 1, w1 + w2 - 1), of the common dtype of w1 and w2.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    _, C, height1, width1 = w1.shape
    F, _, height2, width2 = w2.shape
    shape = (F, C, height1 + height2 - 1, width1 + width2 - 1)
    w = np.zeros(shape, dtype=np.result_type(w1, w2))
    for r in range(height2):
        for s in range(width2):
            shifted = w[:, :, r : r + height1, s : s + width1]
            shifted += np.einsum("fm,mcpq->fcpq", w2[:, :, r, s], w1)
    return w
    ### END SOLUTION


# %% autograder={"difficulty": 4, "minutes": 40, "title": "Two layers in one"} nbgrader={"grade": true, "grade_id": "compose_convs", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check("compose_convs")

# %% [markdown]
# **Look.** A vertical blur followed by a horizontal difference is a well-known edge filter. Below, the
# numbers of all three.

# %% tags=["experiment"]
with look("compose_convs"):
    blur = np.array([1.0, 2, 1]).reshape(1, 1, 3, 1)
    difference = np.array([-1.0, 0, 1]).reshape(1, 1, 1, 3)
    both = compose_convs(blur, difference)
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.6))
    titles = ("first: blur", "then: difference", "in one step")
    for ax, kernel, title in zip(axes, (blur, difference, both), titles, strict=True):
        ax.imshow(kernel[0, 0], cmap="RdBu_r", vmin=-3, vmax=3)
        for (row, column), value in np.ndenumerate(kernel[0, 0]):
            ax.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=12)
        ax.set(title=title, xlim=(-1.6, 3.6 - 2 * (kernel.shape[3] == 1)), xticks=[], yticks=[])
        ax.set(xlim=(kernel.shape[3] / 2 - 2.1, kernel.shape[3] / 2 + 1.1))
        ax.set(ylim=(kernel.shape[2] / 2 + 1.1, kernel.shape[2] / 2 - 2.1), frame_on=False)
    fig.tight_layout()
    plt.show()

# %% [markdown]
# **Look: one small change.** The same two layers again, but with `max(0, ·)`, the *ReLU*, in between. Is
# there still one layer that does the same? The left pair is drawn with the stack and with your single
# layer; on the right is the stack with the ReLU.

# %% tags=["experiment"]
with look("compose_convs", "conv_forward_vectorized"):
    rng = np.random.default_rng(6)
    picture = datasets.photograph("chelsea").transpose(2, 0, 1)[None] - 0.5
    first, second = rng.standard_normal((6, 3, 3, 3)), rng.standard_normal((1, 6, 3, 3))
    plain = {"stride": 1, "pad": 0}
    middle, _ = conv_forward_vectorized(picture, first, np.zeros(6), plain)
    stacked, _ = conv_forward_vectorized(middle, second, np.zeros(1), plain)
    single, _ = conv_forward_vectorized(picture, compose_convs(first, second), np.zeros(1), plain)
    with_relu, _ = conv_forward_vectorized(np.maximum(0, middle), second, np.zeros(1), plain)
    bound = np.percentile(np.abs(stacked), 99)
    fig, axes = plt.subplots(1, 3, figsize=(11, 2.9))
    titles = ("two layers", "one composed layer", "two layers with a ReLU between")
    for ax, out, title in zip(axes, (stacked, single, with_relu), titles, strict=True):
        ax.imshow(out[0, 0], cmap="RdBu_r", vmin=-bound, vmax=bound)
        difference = np.abs(out - stacked).max()
        ax.set_title(title if out is stacked else f"{title}\nlargest difference {difference:.0e}")
        ax.axis("off")
    fig.tight_layout()
    plt.show()


# %% [markdown] autograder={"difficulty": 3, "minutes": 10, "title": "Why a nonlinearity goes between"} nbgrader={"grade": true, "grade_id": "written_nonlinearity", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question C. Why a nonlinearity goes between
# `written_nonlinearity` · ★★★ · about 10 minutes · 3 points
#
# 1. Explain with your own words, and with what you found in Task 10, why a stack of convolutions without
#    anything in between is no more powerful than a single one. What about ten of them?
# 2. Why does the argument break as soon as a ReLU stands between two layers? A tiny example with numbers
#    says it best.
# 3. Two stacked 3×3 layers *with* a ReLU are often preferred over a single 5×5 layer that sees just as
#    much. Give one reason.
#
# ### BEGIN SOLUTION
# **Model answer.** A convolution (leaving the bias aside) is a linear map that is the same at every place,
# and one such map after another is again one: `compose_convs` computes its filters. By induction ten
# layers are one layer too, with a kernel of 1 + 10(K − 1). Only the receptive field grows, and a biased
# layer does not help either, since biases add up to one bias. The ReLU is not linear:
# relu(1) + relu(−1) = 1, but relu(1 + (−1)) = 0. So what a filter finds can no longer be moved past it, and
# no single filter does for all inputs what the stack does. For example with 1×1 filters, first (1) and
# (−1) in two maps, then their sum: that gives |a|, and no linear layer gives 1 for both 1 and −1. Two 3×3
# layers with as many channels C need 2·9·C² = 18 C² weights instead of 25 C², fewer multiply-adds, and have a
# nonlinearity more, so they can represent functions that the single layer can't.
#
# **Mark scheme.** 1 point: the composition of linear (translation equivariant) maps is such a map, and so
# for any number of layers. 1 point: ReLU is not linear, with a reason or an example (half a point for the
# mere claim). 1 point: one reason: fewer parameters or multiply-adds (with a comparison), or more
# nonlinearity, hence a richer class of functions.
# ### END SOLUTION

# %% [markdown]
# ## 9 · Not only pictures
#
# Nothing in the idea needs two dimensions. Sound is a row of numbers in time, `(N, C, L)`, and a filter
# slides along it. A video is a block, `(N, C, D, H, W)`, with time as the first of its three axes, and a
# filter slides in three directions. Stride and padding are the same on every axis.

# %% [markdown]
# ### Task 11. One dimension
# `conv1d_forward` · ★★ · about 15 minutes · 5 points
#
# Loops are fine here, and so is any trick that you like better.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Take your layer for pictures and leave out one axis wherever there are two.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Pad only the last axis. At each place the window has the shape `(C, K)`, as does one filter.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Either loop over pictures, filters and places. Or loop over the K entries of the kernel only: entry k
# multiplies the padded signal from k on, in steps of the stride, and mixes the channels by a matrix
# product.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv1d_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv1d_forward(x, w, b, conv_param):
    """Forward pass of a convolution layer in one dimension.

    Arguments:
        x: (N, C, L) array of float64 or float32
        w: (F, C, K)
        b: (F,)
        conv_param: {"stride": int, "pad": int}

    Returns: (out, cache)
        out: (N, F, L'), of the common dtype of x, w and b
        cache: the tuple (x, w, b, conv_param)
    Raises: ValueError if the filter does not fit, or if its last step does not end exactly at
        the border.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, L = x.shape
    F, _, K = w.shape
    L_out = conv_output_size(L, K, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    out = np.zeros((N, F, L_out), dtype=np.result_type(x, w, b))
    for k in range(K):
        out += w[:, :, k] @ padded[:, :, k : k + stride * L_out : stride]
    return out + b[:, None], (x, w, b, conv_param)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 15, "title": "Convolution in one dimension"} nbgrader={"grade": true, "grade_id": "conv1d_forward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("conv1d_forward")

# %% [markdown]
# **Look.** A noisy signal, and two filters of 15 numbers: a mean, which calms it, and a step, which finds
# where it jumps.

# %% tags=["experiment"]
with look("conv1d_forward"):
    rng = np.random.default_rng(2)
    t = np.arange(300)
    clean = np.select([t < 80, t < 170, t < 230], [0.2, 1.0, 0.5], 0.8)
    noisy = clean + 0.15 * rng.standard_normal(300)
    mean = np.full(15, 1 / 15)
    step = np.concatenate([np.full(7, -1 / 7), [0], np.full(7, 1 / 7)])
    found, _ = conv1d_forward(
        noisy[None, None], np.stack([mean, step])[:, None], np.zeros(2), {"stride": 1, "pad": 7}
    )
    fig, axes = plt.subplots(2, 1, figsize=(8, 3.6), sharex=True)
    axes[0].plot(t, noisy, color="0.75", label="signal")
    axes[0].plot(t[7:-7], found[0, 0, 7:-7], label="mean of 15")
    axes[1].plot(t[7:-7], found[0, 1, 7:-7], color="C3", label="right half − left half")
    axes[1].axhline(0, color="0.8", linewidth=1)
    for ax in axes:
        ax.legend(loc="upper right")
    fig.tight_layout()
    plt.show()


# %% [markdown]
# ### Task 12. Three dimensions
# `conv3d_forward` · ★★★ · about 25 minutes · 6 points
#
# Three sliding directions, seven axes in sight. Keep the order of the axes, and it is the same again.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which of your three versions is easiest to extend: the one with loops over places, the one with columns,
# or the one with a loop over the kernel?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# `sliding_window_view` takes any number of axes: the windows of a volume have the shape
# `(N, C, D', H', W', KD, KH, KW)`. Channels and kernel axes are summed over.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Pad three axes, take windows over axes 2, 3 and 4, keep every stride-th place. `np.tensordot` sums over
# chosen axes of two arrays: the windows' axes 1, 5, 6, 7 against the filters' 1, 2, 3, 4. Its result has
# the axis of the filters last; `np.moveaxis` brings it to where it belongs.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv3d_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv3d_forward(x, w, b, conv_param):
    """Forward pass of a convolution layer in three dimensions.

    Arguments:
        x: (N, C, D, H, W) array of float64 or float32
        w: (F, C, KD, KH, KW)
        b: (F,)
        conv_param: {"stride": int, "pad": int}, the same for all three axes

    Returns: (out, cache)
        out: (N, F, D', H', W'), of the common dtype of x, w and b
        cache: the tuple (x, w, b, conv_param)
    Raises: ValueError if the filter does not fit, or if its last step does not end exactly at
        the border, along any of the three axes.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    for size, kernel in zip(x.shape[2:], w.shape[2:], strict=True):
        conv_output_size(size, kernel, stride, pad)  # raises where the filter does not fit
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3, 4))
    windows = windows[:, :, ::stride, ::stride, ::stride]
    out = np.tensordot(windows, w, axes=((1, 5, 6, 7), (1, 2, 3, 4))) + b
    return np.moveaxis(out, -1, 1), (x, w, b, conv_param)
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 25, "title": "Convolution in three dimensions"} nbgrader={"grade": true, "grade_id": "conv3d_forward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("conv3d_forward")

# %% [markdown]
# **Look: a filter for motion.** A film in which a bright ball moves to the right, over a photograph that
# stands still. The filter is a difference in *time*. Still things, however bright, vanish; what moves
# stays: red where something bright arrives, blue where it has left.

# %% tags=["experiment"]
with look("conv3d_forward"):
    still = datasets.photograph("coffee").mean(axis=2)[::2, ::2]
    rows, columns = np.mgrid[: still.shape[0], : still.shape[1]]
    frames = []
    for frame in range(8):
        ball = (rows - 20 - 3 * frame) ** 2 + (columns - 10 - 10 * frame) ** 2 < 36
        frames.append(np.where(ball, 1.0, still))
    film = np.stack(frames)
    later_minus_earlier = np.array([-1.0, 1.0]).reshape(1, 1, 2, 1, 1)
    motion, _ = conv3d_forward(
        film[None, None], later_minus_earlier, np.zeros(1), {"stride": 1, "pad": 0}
    )
    fig, axes = plt.subplots(2, 4, figsize=(11, 4))
    for column, frame in enumerate((0, 2, 4, 6)):
        axes[0, column].imshow(film[frame], vmin=0, vmax=1)
        axes[0, column].set_title(f"frame {frame}")
        axes[1, column].imshow(motion[0, 0, frame], cmap="RdBu_r", vmin=-1, vmax=1)
        axes[1, column].set_title(f"motion from {frame} to {frame + 1}")
    for ax in axes.flat:
        ax.axis("off")
    fig.tight_layout()
    plt.show()

# %% [markdown]
# ## Handing in
#
# You have built a convolution layer from nothing, and you know what it costs, what it sees and why it is
# stacked the way it is. Well done.
#
# Before you hand in:
#
# 1. Choose *Kernel → Restart Kernel and Run All Cells*. Now every cell has run once, in order, as it will
#    when it is graded.
# 2. Look at each `check`: does it say what you expect? A task that you did not solve does no harm to the
#    others; leave its cell as it is.
# 3. Have you answered questions A, B and C?
# 4. Save the notebook, keep its name `convolution.ipynb`, and hand it in the way your course asks you to.
#
# Cells that you added, and the text around the tasks, are not graded. Please do not delete the cells with
# `check`, and leave the names of the functions as they are.

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
