# %% [markdown]
# # Normalization
#
# **How do you keep the numbers in a deep network from running away?**
#
# A layer multiplies and adds. If its numbers come out a little too large, the next layer makes them
# larger still, and after twenty layers they are enormous; or they have shrunk to nothing. Either way
# nothing is learned. The remedy is almost too simple: measure the mean and the spread of the numbers,
# subtract the one, divide by the other, and go on. It was published in 2015 and has been in nearly every
# network since. In this notebook you build it, and then ask *which* numbers should share a mean.
#
# **Who this is for.** You know Python, NumPy (arrays, shapes, sums along an axis) and the chain rule.
# That is enough; you do not need your other notebooks here.
#
# **What you build.** First batch normalization with plain loops, forward and backward. Then the same
# without loops, and its backward pass once more as a single formula. Then what it becomes when learning is
# over, what it is for pictures, and its three relatives: layer, instance and group normalization.
#
# **How to work.** Go from top to bottom. Each step has a *question*, an *idea*, a *task*, a check, and
# often a picture or an experiment that your own code makes. What is not written yet says so in one
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
# All of it is about seven hours. You need not do it in one go.
#
# *The text and figures of this notebook are licensed under
# [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), its code under the MIT licence. The
# photographs are in the public domain; the digits come with scikit-learn.*

# %%
import copy
import time
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, datasets, play, progress, race

plt.rcParams.update({"figure.dpi": 100, "axes.titlesize": 10})


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
# ## 1 · Numbers that run away
#
# Take a network of twenty fully connected layers with ReLUs between them, fill it with random weights, and
# send a batch of digits through. Below you see the spread (standard deviation) of the numbers after each
# layer. The three lines differ in one thing only: how large the random weights are. A factor of 1 is the
# best that is known for such layers; 0.7 and 1.4 do not look like much of a difference, do they?


# %%
def spread_by_depth(scale, between=lambda values: values, depth=20):
    """Standard deviations after each of `depth` random layers; `between` comes before each ReLU."""
    rng = np.random.default_rng(0)
    values = datasets.digits().x_train[:200].reshape(200, -1).astype(float)
    spreads = [values.std()]
    for _ in range(depth):
        inputs = values.shape[1]
        weights = scale * np.sqrt(2 / inputs) * rng.standard_normal((inputs, 64))
        values = np.maximum(between(values @ weights), 0)
        spreads.append(values.std())
    return spreads


# %% tags=["experiment"]
fig, ax = plt.subplots(figsize=(7, 3.2))
for scale, color in ((1.4, "C3"), (1.0, "C2"), (0.7, "C0")):
    ax.plot(spread_by_depth(scale), "o-", color=color, markersize=4, label=f"weights × {scale}")
ax.set(yscale="log", xlabel="layer", ylabel="spread of the numbers")
ax.set_title("Twenty layers: a small factor becomes a large one")
ax.set_xticks(range(0, 21, 5))
ax.grid(axis="y", alpha=0.4)
ax.legend()
fig.tight_layout()
plt.show()

# %% [markdown]
# A factor of 1.4 in each layer is a factor of 1.4²⁰ ≈ 800 in the end, and 0.7²⁰ is 0.0008. And this is
# only the beginning: weights *change* while a network learns, and each change in an early layer moves the
# numbers that all later layers have got used to.
#
# So instead of hoping that the numbers stay in a sensible range, we put them there.

# %% [markdown]
# ## 2 · Normalize
#
# A layer with D outputs has D **features**. With a batch of N samples they make an array `x` of the shape
# `(N, D)`: one column for each feature. *Batch normalization* treats every feature by itself.
#
# **Worked example.** One feature, a batch of four samples: 2, 4, 4, 6.
#
# - *Mean:* (2 + 4 + 4 + 6) / 4 = **4**. Deviations from it: −2, 0, 0, 2.
# - *Variance:* the mean of the squared deviations, (4 + 0 + 0 + 4) / 4 = **2**. Its root, the standard
#   deviation, is 1.414.
# - *Normalized:* deviation / standard deviation: **−1.41, 0, 0, 1.41**. Mean 0, spread 1, whatever it was.
# - *Scale and shift:* perhaps mean 0 and spread 1 is not what the next layer would like. So two learned
#   numbers, `gamma` and `beta`, scale and shift. With γ = 3 and β = 10: 5.76, 10, 10, 14.24.
#
# Two conventions, for the whole notebook: a variance is divided by the *number of values* (not by one
# less), which is what `np.var` does; and a small `eps` is added to the variance **before** the root is
# taken, so that a feature whose values are all the same does not lead to a division by zero.
#
# $$\text{out} \;=\; \gamma \cdot \frac{x - \text{mean}}{\sqrt{\text{variance} + \varepsilon}} + \beta$$
#
# **Two modes.** While the network learns, mean and variance are those of the batch. Afterwards somebody
# brings a single picture, and there is no batch to take a mean of. So while learning, the layer keeps
# averages of what it has seen, the **running statistics**, and uses these later:
#
#     running = momentum · running + (1 − momentum) · that of the batch
#
# They start from zeros. With a momentum of 0.9 and batches like ours, the running mean becomes 0.4 after
# the first batch, 0.76 after the second, and slowly approaches 4. The running variance does the same with
# the variance: 0.2, 0.38, …
#
# The settings of a layer stand in a dictionary `bn_param`, and the running statistics as well: that is
# where a layer keeps them from call to call.
#
# | key | meaning | if it is missing |
# | --- | --- | --- |
# | `"mode"` | `"train"` or `"test"`; **anything else raises a `ValueError`** | is always there |
# | `"eps"` | added to the variance | `1e-5` |
# | `"momentum"` | weight of the *old* running value | `0.9` |
# | `"running_mean"`, `"running_var"` | `(D,)` each | zeros |
#
# *In train mode* the batch's own mean and variance normalize, and the two running statistics **in the very
# dictionary that was handed in** are updated. *In test mode* the running statistics normalize, and stay as
# they are. (Some libraries average another variance, or let momentum weigh the new value. Here it is as
# said above.)

# %% [markdown]
# ### Task 1. Batch norm, with loops
# `batchnorm_forward_naive` · ★★★ · about 40 minutes · 7 points
#
# Write it with loops over features and samples. Speed does not matter here, clarity does.
#
# Besides `out` it returns a **cache**: what the backward pass will need. What you put into it is your own
# affair in this notebook; your `batchnorm_backward_naive` will be called with the cache that your
# `batchnorm_forward_naive` has made, in train mode. (So if a forward pass is wrong, its backward pass
# cannot be graded.)
#
# Results have the dtype of the arrays: from `float32` comes `float32`. Apart from the running statistics,
# change none of the arguments.
#
# <details><summary>Hint 1: a nudge</summary>
#
# What is done for one feature does not concern any other feature. So the outermost loop is over features.
# Start with train mode, and leave the running statistics for later.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# In both modes the last step is the same; only where mean and variance come from differs.
# `bn_param.get("eps", 1e-5)` gives the value, or the default where there is none. `np.zeros_like` makes
# an array of the same shape *and* dtype.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     read the settings; running statistics, or zeros; refuse unknown modes
#     for each feature:
#         if train: mean: sum over the samples / N;  variance: sum of squared deviations / N
#                   mix each into its running value
#         else:     mean and variance are the running ones
#         for each sample: normalize, then scale and shift
#     put the running statistics into bn_param
#
# Make *new* arrays for the running statistics before you write into them.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "batchnorm_forward_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batchnorm_forward_naive(x, gamma, beta, bn_param):
    """Forward pass of batch normalization, with loops.

    Arguments:
        x: (N, D) array of float64 or float32
        gamma, beta: (D,), scale and shift of each feature
        bn_param: {"mode": "train" or "test", "eps": float, "momentum": float,
            "running_mean": (D,), "running_var": (D,)}; defaults for what is missing:
            eps 1e-5, momentum 0.9, running statistics zeros

    Returns: (out, cache)
        out: (N, D), of the dtype of x
        cache: whatever batchnorm_backward_naive needs
    In train mode, bn_param["running_mean"] and bn_param["running_var"] are updated, in the
    dictionary itself; in test mode they are used, and stay.
    Raises: ValueError for any other mode.
    Nothing else in the arguments is changed.
    """
    ### BEGIN SOLUTION
    mode = bn_param["mode"]
    if mode not in ("train", "test"):
        raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, D = x.shape
    zeros = np.zeros(D, dtype=x.dtype)
    running_mean = np.array(bn_param.get("running_mean", zeros))
    running_var = np.array(bn_param.get("running_var", zeros))
    out, normalized, stds = np.zeros_like(x), np.zeros_like(x), np.zeros(D, dtype=x.dtype)
    for d in range(D):
        if mode == "train":
            mean = sum(x[n, d] for n in range(N)) / N
            var = sum((x[n, d] - mean) ** 2 for n in range(N)) / N
            running_mean[d] = momentum * running_mean[d] + (1 - momentum) * mean
            running_var[d] = momentum * running_var[d] + (1 - momentum) * var
        else:
            mean, var = running_mean[d], running_var[d]
        stds[d] = np.sqrt(var + eps)
        for n in range(N):
            normalized[n, d] = (x[n, d] - mean) / stds[d]
            out[n, d] = gamma[d] * normalized[n, d] + beta[d]
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return out, (normalized, stds, gamma)
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 40, "title": "Batch norm with loops"} nbgrader={"grade": true, "grade_id": "batchnorm_forward_naive", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check("batchnorm_forward_naive")

# %% [markdown]
# **Look: the running mean.** Forty batches of twenty samples, all from the same source with mean 4. The
# dots are the means of the batches, the lines your running means. What does a large momentum gain, and
# what does it cost?

# %% tags=["experiment"]
with look("batchnorm_forward_naive"):
    rng = np.random.default_rng(1)
    batches = 4 + 2 * rng.standard_normal((40, 20, 1))
    one, zero = np.ones(1), np.zeros(1)
    fig, ax = plt.subplots(figsize=(8, 3.2))
    ax.plot(range(1, 41), batches.mean(axis=(1, 2)), ".", color="0.6", label="batch")
    ax.axhline(4, color="0.8", linewidth=1, zorder=0)
    for momentum, color in ((0.5, "C1"), (0.9, "C0"), (0.97, "C4")):
        bn_param = {"mode": "train", "momentum": momentum}
        means = []
        for batch in batches:
            batchnorm_forward_naive(batch, one, zero, bn_param)
            means.append(bn_param["running_mean"][0])
        ax.plot(range(1, 41), means, color=color, label=f"momentum {momentum}")
    ax.set(xlabel="batches seen", ylabel="running mean", ylim=(0, 5.2))
    ax.legend(ncols=4, loc="lower right")
    fig.tight_layout()
    plt.show()


# %% [markdown]
# ### Task 2. What if it should not be there?
# `identity_scale_shift` · ★★ · about 10 minutes · 3 points
#
# Normalizing throws something away: the mean and the spread of each feature. What if the network was better
# off with them? Then γ and β can bring them back. For a batch `x`, find the `gamma` and the `beta` with
# which train-mode batch norm returns `x` itself, exactly, with `eps` and all. So batch norm does not take
# away anything that the network could do before: it only makes something else the easy choice.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Batch norm first subtracts, then divides; then γ multiplies, then β is added. What undoes a division?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Write down the formula for `out`, put `out = x` on its left side, and ask which γ and β make that true for
# *every* value.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# γ has to be exactly what batch norm divides by, and β exactly what it subtracts. Both have one number for
# each feature.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "identity_scale_shift-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def identity_scale_shift(x, eps):
    """The gamma and beta with which batch norm in train mode gives x back.

    Arguments:
        x: (N, D) array of float64 or float32
        eps: float, as in bn_param

    Returns: (gamma, beta), each (D,) and of the dtype of x.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    return np.sqrt(x.var(axis=0) + eps), x.mean(axis=0)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 10, "title": "The identity"} nbgrader={"grade": true, "grade_id": "identity_scale_shift", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("identity_scale_shift")

# %% [markdown]
# **Look: three features, three times.** On the left a feature as it comes, for three features with
# different means and spreads. In the middle after batch norm with γ = 1 and β = 0. On the right with the γ
# and β of your last task.

# %% tags=["experiment"]
with look("batchnorm_forward_naive", "identity_scale_shift"):
    rng = np.random.default_rng(2)
    x = rng.standard_normal((400, 3)) * [0.5, 2.0, 1.0] + [-4.0, 1.0, 6.0]
    normalized, _ = batchnorm_forward_naive(x, np.ones(3), np.zeros(3), {"mode": "train"})
    back, _ = batchnorm_forward_naive(x, *identity_scale_shift(x, 1e-5), {"mode": "train"})
    fig, axes = plt.subplots(1, 3, figsize=(11, 2.6), sharex=True)
    titles = ("x", "normalized", f"with γ = σ and β = μ (error {np.abs(back - x).max():.0e})")
    for ax, values, title in zip(axes, (x, normalized, back), titles, strict=True):
        for feature, color in zip(values.T, ("C0", "C1", "C2"), strict=True):
            ax.hist(feature, bins=np.linspace(-8, 10, 73), color=color, alpha=0.6)
        ax.set(title=title, yticks=[], xlim=(-8, 10))
    fig.tight_layout()
    plt.show()

# %% [markdown]
# ## 3 · Without loops
#
# Your loops are right, and slow: Python walks from number to number. NumPy can take the mean of all columns
# in one step, and subtract it from all rows in another.
#
# **The rule for all forward and backward passes from here on whose name does not end in `naive`: no
# Python-level loop over samples, features, channels, groups or pixels.** Comprehensions, generators, `map`, `np.vectorize` and
# `np.apply_along_axis` are such loops too, only dressed up. We count how many steps Python executes, and
# the count must not grow with the data. For batch norm we also compare the time with a yardstick: five
# million multiplications that NumPy adds up in its own loops. There is ample room; it is not a race
# against the other students.

# %% [markdown]
# ### Task 3. Batch norm, vectorized
# `batchnorm_forward` · ★★★ · about 25 minutes · 9 points
#
# The same contract as `batchnorm_forward_naive`: modes, defaults, running statistics, `ValueError`.
#
# Its cache will be used by **two** functions of yours: `batchnorm_backward` and `batchnorm_backward_alt`
# are both called with the cache of `batchnorm_forward`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `x` is `(N, D)`, and you want D means. Along which axis do the values lie that share a mean?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# `x - mean` with the shapes `(N, D)` and `(D,)`: NumPy lines shapes up from the right, so the mean is
# subtracted from every row. Both loops of your naive version disappear that way.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Settings and modes stay as they were. In train mode: mean and variance along axis 0, then mix each into
# its running value with one line. In test mode: take the running ones. Then one line for the root, one for
# the normalized values, one for `out`. `running = momentum * running + …` makes a new array;
# `running *= momentum` would change the caller's. (Here either is fine, since the caller wants it changed.)
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "batchnorm_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batchnorm_forward(x, gamma, beta, bn_param):
    """Forward pass of batch normalization, without loops over samples or features.

    Arguments:
        x: (N, D) array of float64 or float32
        gamma, beta: (D,), scale and shift of each feature
        bn_param: {"mode": "train" or "test", "eps": float, "momentum": float,
            "running_mean": (D,), "running_var": (D,)}; defaults for what is missing:
            eps 1e-5, momentum 0.9, running statistics zeros

    Returns: (out, cache)
        out: (N, D), of the dtype of x
        cache: whatever batchnorm_backward and batchnorm_backward_alt need
    In train mode, bn_param["running_mean"] and bn_param["running_var"] are updated, in the
    dictionary itself; in test mode they are used, and stay.
    Raises: ValueError for any other mode.
    Nothing else in the arguments is changed.
    """
    ### BEGIN SOLUTION
    mode = bn_param["mode"]
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], dtype=x.dtype)
    running_mean = bn_param.get("running_mean", zeros)
    running_var = bn_param.get("running_var", zeros)
    if mode == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
    elif mode == "test":
        mean, var = running_mean, running_var
    else:
        raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    std = np.sqrt(var + eps)
    normalized = (x - mean) / std
    return gamma * normalized + beta, (normalized, std, gamma)
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 25, "title": "Batch norm without loops"} nbgrader={"grade": true, "grade_id": "batchnorm_forward", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check("batchnorm_forward")

# %% [markdown]
# **Look: twenty layers again.** The same three networks as at the beginning, dashed. The full lines have
# your batch norm before each ReLU. Why do they lie on top of each other?

# %% tags=["experiment"]
with look("batchnorm_forward"):

    def normalized_batch(values):
        features = values.shape[1]
        train = {"mode": "train"}
        return batchnorm_forward(values, np.ones(features), np.zeros(features), train)[0]

    fig, ax = plt.subplots(figsize=(7, 3.2))
    for scale, color in ((1.4, "C3"), (1.0, "C2"), (0.7, "C0")):
        ax.plot(spread_by_depth(scale), "--", color=color, alpha=0.5)
        spreads = spread_by_depth(scale, normalized_batch)
        ax.plot(spreads, "o-", color=color, markersize=4, label=f"weights × {scale}")
    ax.set(yscale="log", xlabel="layer", ylabel="spread of the numbers")
    ax.set_xticks(range(0, 21, 5))
    ax.grid(axis="y", alpha=0.4)
    ax.legend(title="with batch norm")
    fig.tight_layout()
    plt.show()

# %% [markdown]
# **Look: a noisy neighbourhood.** In train mode, what a sample becomes depends on who else is in its batch.
# Take one handwritten digit and one of its pixels. Each dot is `out` for that pixel, each time in another
# random batch that contains the digit. How large must a batch be for you to trust its mean?

# %% tags=["experiment"]
with look("batchnorm_forward"):
    rng = np.random.default_rng(3)
    pixels = datasets.digits().x_train.reshape(-1, 64).astype(float)
    pixel = 28
    sample = np.flatnonzero(pixels[:, pixel] > 0.9)[0]
    sizes = (2, 4, 8, 16, 32, 64, 128, 256)
    fig, ax = plt.subplots(figsize=(8, 3.2))
    spreads = []
    for place, size in enumerate(sizes):
        seen = []
        for _ in range(150):
            others = rng.choice(len(pixels), size - 1, replace=False)
            batch = pixels[np.concatenate([[sample], others])][:, pixel : pixel + 1]
            out, _ = batchnorm_forward(batch, np.ones(1), np.zeros(1), {"mode": "train"})
            seen.append(out[0, 0])
        spreads.append(np.std(seen))
        ax.plot(place + rng.uniform(-0.25, 0.25, 150), seen, ".", markersize=3, color="C0")
    print("batch size        " + "".join(f"{size:>7}" for size in sizes))
    print("spread of out     " + "".join(f"{spread:7.3f}" for spread in spreads))
    scaled = np.array(spreads) * np.sqrt(sizes)
    print("spread × √size    " + "".join(f"{value:7.2f}" for value in scaled))
    ax.set_xticks(range(len(sizes)), map(str, sizes))
    ax.set(xlabel="batch size", ylabel="out", title="One pixel of one digit in 150 random batches")
    ax.grid(axis="y", alpha=0.4)
    fig.tight_layout()
    plt.show()

# %% [markdown]
# From 8 samples on the noise falls like one over the root of the batch size. With two samples there is
# hardly any information left: the larger of two numbers always becomes 1 and the smaller −1 (and two equal
# ones become 0), whatever they were.

# %% [markdown]
# ## 4 · Backward
#
# The layers above tell us `dout`: how the loss changes with each number of `out`. We pass on how it changes
# with `gamma`, `beta` and `x`. The first two are quick: each sample used the same γ and β, so each sample
# adds its part. For `x` there is a twist. **A value of `x` reaches `out` on three ways**: directly,
# through the mean, and through the variance. So raising one value changes *all* samples of the batch.
#
# **Worked example.** The feature 2, 4, 4, 6 again, with γ = 1, and `dout = 1, 0, 0, 0`: only the first
# output matters. (Forget `eps` for a moment.)
#
# - `dbeta` = 1 + 0 + 0 + 0 = **1**. `dgamma` = 1 · (−1.41) + 0 + 0 + 0 = **−1.41**.
# - If mean and variance were fixed, `dx` would be 1 / 1.414 = 0.707 for the first value and 0 for the
#   others. But they are not. Really, `dx` is **0.177, −0.177, −0.177, 0.177**.
#
# Two things can be seen without any calculation, and are good tests of a backward pass. Add the same
# small number to all four values: the mean follows, and `out` stays. So `dx` has to *sum to zero*. And
# stretch the four values a little, away from their mean: the standard deviation follows, and `out` stays
# again. So the sum of `dx` times the deviations is zero as well: 0.177·(−2) + 0 + 0 + 0.177·2 = 0.
#
# **The way through.** Write the forward pass as small steps, each of which you can differentiate:
#
#     mean = Σ x / N          centred = x − mean          var = Σ centred² / N
#     std = √(var + eps)      normalized = centred / std  out = γ · normalized + β
#
# Then walk it backwards, step by step, and where a quantity was used twice, add up what comes back.

# %% [markdown]
# ### Task 4. Backward, with loops
# `batchnorm_backward_naive` · ★★★★ · about 50 minutes · 8 points
#
# `cache` is what your `batchnorm_forward_naive` returned in train mode. `gamma` may well be zero or negative.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Again no feature concerns another one. For a single feature, `dbeta` and `dgamma` are plain sums over the
# samples. Get these right first.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# In the small steps above, `centred` is used twice: for `normalized` and for `var`. And each `x` is used
# twice: for its own `centred` and for the `mean`. Start from dnormalized = γ · dout. What comes back to
# `std` is a sum over all samples, and so is what comes back to `mean`.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     for each feature:
#         for each sample: add to dbeta and dgamma; dnormalized = γ · dout
#         dstd: every sample divided by std;  the derivative of 1/std is −1/std²;  add up
#         dvar: std is a root;  the derivative of √v is 1 / (2√v)
#         for each sample: dcentred = dnormalized / std, and its share of dvar through centred²
#         dmean: minus the sum of all dcentred
#         for each sample: dx = dcentred, and its share of dmean
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "batchnorm_backward_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batchnorm_backward_naive(dout, cache):
    """Backward pass of batch normalization in train mode, with loops.

    Arguments:
        dout: (N, D), the derivative of the loss by out
        cache: as your batchnorm_forward_naive returned it

    Returns: (dx, dgamma, dbeta), the derivatives of the loss by x (N, D), by gamma (D,) and
        by beta (D,), of the dtype of dout.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    normalized, stds, gamma = cache
    N, D = dout.shape
    dx = np.zeros_like(dout)
    dgamma, dbeta = np.zeros_like(gamma), np.zeros_like(gamma)
    for d in range(D):
        std, dstd = stds[d], 0
        for n in range(N):
            dbeta[d] += dout[n, d]
            dgamma[d] += dout[n, d] * normalized[n, d]
            dstd -= gamma[d] * dout[n, d] * normalized[n, d] / std
        dvar = dstd / (2 * std)
        dmean = 0
        for n in range(N):
            centred = normalized[n, d] * std
            dx[n, d] = gamma[d] * dout[n, d] / std + dvar * 2 * centred / N
            dmean -= dx[n, d]
        for n in range(N):
            dx[n, d] += dmean / N
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% autograder={"difficulty": 4, "minutes": 50, "title": "Backward pass with loops"} nbgrader={"grade": true, "grade_id": "batchnorm_backward_naive", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check("batchnorm_backward_naive")


# %% [markdown]
# **A test you can always do yourself.** A derivative says what happens when a number changes a little. So
# change it a little and see! For a loss `L` and a small step `h`, the *central difference*
# `(L(a + h) − L(a − h)) / 2h` comes very close to the derivative. It is far too slow for learning, but as
# a test of a backward pass it has no equal.


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
with look("batchnorm_forward_naive", "batchnorm_backward_naive"):
    rng = np.random.default_rng(4)
    x, dout = 3 * rng.standard_normal((6, 4)) + 1, rng.standard_normal((6, 4))
    gamma, beta = rng.standard_normal(4), rng.standard_normal(4)
    _, cache = batchnorm_forward_naive(x, gamma, beta, {"mode": "train"})

    def loss():
        out, _ = batchnorm_forward_naive(x, gamma, beta, {"mode": "train"})
        return np.sum(out * dout)

    gradients = batchnorm_backward_naive(dout, cache)
    for name, a, gradient in zip(("dx", "dgamma", "dbeta"), (x, gamma, beta), gradients, strict=True):
        error = np.abs(gradient - numerical_gradient(loss, a)).max()
        print(f"{name}: largest difference to the central differences {error:.0e}")
    print("Something like 1e-10 is as good as it gets. 1e-2 would be a mistake.")
    print(f"dx sums to zero: {np.abs(gradients[0].sum(axis=0)).max():.0e}")

# %% [markdown]
# **Look: everybody feels it.** A feature with twelve samples. Only one output matters: `dout` is 1 for the
# sample with the red bar, and 0 for all others. The bars are your `dx`. What would they be if mean and
# variance did not depend on `x`? And which samples feel the push most?

# %% tags=["experiment"]
with look("batchnorm_forward_naive", "batchnorm_backward_naive"):
    values = np.sort(np.random.default_rng(7).standard_normal(12))[:, None]
    _, cache = batchnorm_forward_naive(values, np.ones(1), np.zeros(1), {"mode": "train"})
    fig, axes = plt.subplots(1, 3, figsize=(11, 2.8), sharey=True)
    for ax, chosen in zip(axes, (0, 5, 11), strict=True):
        dout = np.zeros((12, 1))
        dout[chosen] = 1
        dx, _, _ = batchnorm_backward_naive(dout, cache)
        colors = ["C3" if n == chosen else "C0" for n in range(12)]
        ax.bar(values[:, 0], dx[:, 0], width=0.08, color=colors)
        ax.axhline(0, color="0.6", linewidth=1)
        ax.set(title=f"dout = 1 at x = {values[chosen, 0]:.2f}", xlabel="x")
    axes[0].set_ylabel("dx")
    fig.tight_layout()
    plt.show()

# %% [markdown]
# ### Task 5. Backward, vectorized
# `batchnorm_backward` · ★★★★ · about 35 minutes · 9 points
#
# The same steps, each for the whole array at once. `cache` is what your `batchnorm_forward` returned in
# train mode.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Go through your naive version line by line. A line that adds up over samples becomes a sum along axis 0.
# A line that gives each sample its share becomes a broadcast.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Write the shape beside every line: `(N, D)` or `(D,)`. Going forward, a mean makes `(D,)` out of
# `(N, D)`; going backward, its gradient `(D,)` is spread over `(N, D)`, divided by N.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     dbeta, dgamma: sums along axis 0
#     dnormalized = dout · γ                                   (N, D)
#     dstd: minus the sum of dnormalized · normalized, / std   (D,)
#     dvar: dstd through the root                              (D,)
#     dcentred: dnormalized / std, plus dvar · 2 · centred / N (N, D)
#     dx: dcentred minus its mean along axis 0 (why?)          (N, D)
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "batchnorm_backward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batchnorm_backward(dout, cache):
    """Backward pass of batch normalization in train mode, without loops.

    Arguments:
        dout: (N, D), the derivative of the loss by out
        cache: as your batchnorm_forward returned it

    Returns: (dx, dgamma, dbeta), the derivatives of the loss by x (N, D), by gamma (D,) and
        by beta (D,), of the dtype of dout.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    normalized, std, gamma = cache
    N = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * normalized).sum(axis=0)
    dnormalized = dout * gamma
    dstd = -(dnormalized * normalized).sum(axis=0) / std
    dvar = dstd / (2 * std)
    dcentred = dnormalized / std + dvar * 2 * (normalized * std) / N
    dx = dcentred - dcentred.mean(axis=0)
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% autograder={"difficulty": 4, "minutes": 35, "title": "Backward pass without loops"} nbgrader={"grade": true, "grade_id": "batchnorm_backward", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check("batchnorm_backward")

# %% [markdown]
# ### Task 6. Backward, in one formula
# `batchnorm_backward_alt` · ★★★★★ · about 40 minutes · 7 points
#
# Take paper. Put the steps of your last task into each other and simplify: much cancels, and `dx` comes
# out as one short formula with three terms, one for each of the three ways. It contains no variance any
# more, and no `centred`: only `dout`, `normalized`, γ, the standard deviation, N, and two sums that you
# have already. Then write that formula down. `cache` is again what your `batchnorm_forward` returned.
#
# (If `batchnorm_backward` looks like that already, this task is a gift.)
#
# <details><summary>Hint 1: a nudge</summary>
#
# Every term of `dx` has the factor γ / std. Take it out first, and see what is left in the brackets.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Two facts make it short: the `normalized` values of a feature sum to zero, and `centred / std` *is*
# `normalized`. With these, the term that came through the variance becomes `normalized` times a number
# for each feature, and the mean of that term vanishes.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# In the brackets stands `dout` with two things subtracted, so that what is left sums to zero, and its
# product with `normalized` sums to zero too. The first is the same for all samples. The second is a
# multiple of `normalized`. Both are given by sums that `dbeta` and `dgamma` have already worked out.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "batchnorm_backward_alt-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batchnorm_backward_alt(dout, cache):
    """Backward pass of batch normalization in train mode, by the simplified formula.

    Arguments:
        dout: (N, D), the derivative of the loss by out
        cache: as your batchnorm_forward returned it

    Returns: (dx, dgamma, dbeta), the derivatives of the loss by x (N, D), by gamma (D,) and
        by beta (D,), of the dtype of dout.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    normalized, std, gamma = cache
    N = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * normalized).sum(axis=0)
    dx = gamma / std * (dout - dbeta / N - normalized * (dgamma / N))
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% autograder={"difficulty": 5, "minutes": 40, "title": "Backward pass in one formula"} nbgrader={"grade": true, "grade_id": "batchnorm_backward_alt", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check("batchnorm_backward_alt")

# %% [markdown]
# **Look: the race.** All three backward passes on the same arrays. The scale is logarithmic: each line is
# ten times the one below. What did getting rid of the loops give, and what the paper?

# %% tags=["experiment"]
with look(
    "batchnorm_forward_naive",
    "batchnorm_backward_naive",
    "batchnorm_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
):
    rng = np.random.default_rng(5)
    versions = {
        "with loops": (batchnorm_forward_naive, batchnorm_backward_naive),
        "in steps": (batchnorm_forward, batchnorm_backward),
        "one formula": (batchnorm_forward, batchnorm_backward_alt),
    }
    sizes = [10, 30, 100, 300, 1000]
    times = {label: [] for label in versions}
    for N in sizes:
        x, dout = rng.standard_normal((N, 30)), rng.standard_normal((N, 30))
        for label, (forward, backward) in versions.items():
            _, cache = forward(x, np.ones(30), np.zeros(30), {"mode": "train"})
            runs = []
            for _ in range(2 if label == "with loops" else 20):
                start = time.perf_counter()
                backward(dout, cache)
                runs.append(time.perf_counter() - start)
            times[label].append(min(runs))
    fig, ax = plt.subplots(figsize=(7, 3.2))
    for label, measured in times.items():
        ax.plot(sizes, measured, "o-", label=label)
    loops, steps, formula = (measured[-1] for measured in times.values())
    ax.set(xscale="log", yscale="log", xlabel="samples of 30 features", ylabel="seconds")
    ax.set_title(
        f"{sizes[-1]} samples: without loops {loops / steps:.0f} times as fast, "
        f"the formula {steps / formula:.1f} times as fast as the steps"
    )
    ax.grid(axis="y", alpha=0.4)
    ax.legend()
    fig.tight_layout()
    plt.show()

# %% [markdown]
# **Look: how far from the machine?** The forward pass on growing batches of 400 features, against what your machine
# needs for one copy of `x` and its product with one row, and against our own version.

# %% tags=["experiment"]
with look("batchnorm_forward_naive", "batchnorm_forward"):
    display(race(batchnorm_forward, "batchnorm_forward"))


# %% [markdown]
# ## 5 · Does it help?
#
# Batch norm is said to do three things: to allow larger learning rates, to make a network care less about
# its initial weights, and to make it learn faster. Let us not believe it, but measure. The network
# below has four hidden layers of 64 features and learns to read 8×8 digits, by plain gradient descent. It
# uses your functions; the rest of it is written here, and you need not follow it line by line (you will
# write one like it yourself in another notebook).


# %%
def new_network(scale=1.0, seed=0, widths=(64, 64, 64, 64, 64, 10)):
    """Layers with random weights; scale 1 is what is usual for ReLUs."""
    rng = np.random.default_rng(seed)
    return [
        {
            "w": scale * np.sqrt(2 / inputs) * rng.standard_normal((inputs, outputs)),
            "b": np.zeros(outputs),
            "gamma": np.ones(outputs),
            "beta": np.zeros(outputs),
            "bn_param": {"mode": "train"},
        }
        for inputs, outputs in zip(widths[:-1], widths[1:], strict=True)
    ]


def scores_of(network, x, norm, mode):
    """Scores (N, 10) of the samples x (N, 64), and what learning needs of each layer.

    norm says what stands between a layer and its ReLU: "batch", "layer" or None.
    """
    kept = []
    for layer in network[:-1]:
        inputs, cache = x, None
        x = x @ layer["w"] + layer["b"]
        if norm == "batch":
            layer["bn_param"]["mode"] = mode
            x, cache = batchnorm_forward(x, layer["gamma"], layer["beta"], layer["bn_param"])
        elif norm == "layer":
            x, cache = layernorm_forward(x, layer["gamma"], layer["beta"], {})
        kept.append((inputs, cache, x > 0))
        x = np.maximum(x, 0)
    kept.append((x, None, None))
    return x @ network[-1]["w"] + network[-1]["b"], kept


def learn(network, x, y, norm, rate, batch=50):
    """One step of gradient descent on each batch of x and y, in order; returns the losses."""
    losses = []
    for start in range(0, len(x) - batch + 1, batch):
        scores, kept = scores_of(network, x[start : start + batch], norm, "train")
        gradient = np.exp(scores - scores.max(axis=1, keepdims=True))
        gradient /= gradient.sum(axis=1, keepdims=True)
        right = np.arange(batch), y[start : start + batch]
        losses.append(-np.log(np.maximum(gradient[right], 1e-30)).mean())
        gradient[right] -= 1
        gradient /= batch
        for layer, (inputs, cache, active) in zip(network[::-1], kept[::-1], strict=True):
            if active is not None:
                gradient = gradient * active
            if cache is not None:
                backward = batchnorm_backward if norm == "batch" else layernorm_backward
                gradient, dgamma, dbeta = backward(gradient, cache)
                layer["gamma"] -= rate * dgamma
                layer["beta"] -= rate * dbeta
            dw, db = inputs.T @ gradient, gradient.sum(axis=0)
            gradient = gradient @ layer["w"].T
            layer["w"] -= rate * dw
            layer["b"] -= rate * db
    return losses


def trained(digits, norm, rate, scale=1.0, seed=0, epochs=6, batch=50):
    """A network after some rounds through the training digits, and its losses."""
    network, order = new_network(scale, seed), np.random.default_rng(seed)
    x, y = digits.x_train.reshape(-1, 64).astype(float), digits.y_train
    losses = []
    with np.errstate(all="ignore"):  # some of the learning rates below are too large on purpose
        for _ in range(epochs):
            chosen = order.permutation(len(x))
            losses += learn(network, x[chosen], y[chosen], norm, rate, batch)
            if not np.isfinite(losses[-1]):
                break
    return network, losses


def accuracy(network, digits, norm, mode="test", order=None, batch=None):
    """Share of the test digits that are read rightly, in batches of a size, in an order."""
    x, y = digits.x_test.reshape(-1, 64).astype(float), digits.y_test
    order = np.arange(len(x)) if order is None else order
    batch = batch or len(x)
    hits = 0
    with np.errstate(all="ignore"):
        for start in range(0, len(x), batch):
            chosen = order[start : start + batch]
            scores, _ = scores_of(network, x[chosen], norm, mode)
            hits += (scores.argmax(axis=1) == y[chosen]).sum()
    return hits / len(x)


# %% [markdown]
# **Experiment: learning rate and initial weights.** Each field of the two tables is one setting, learned
# three times with different random numbers: the mean accuracy on digits that were never learned from, and
# ± its spread. There are ten classes, so guessing gives 0.10. (210 networks learn here; it takes some
# ten seconds.)

# %% tags=["experiment"]
with look("batchnorm_forward", "batchnorm_backward"):
    digits = datasets.digits()
    rates, scales, seeds = (0.001, 0.01, 0.1, 0.3, 1, 3, 10), (0.1, 0.3, 1, 2, 4), range(3)
    fig, axes = plt.subplots(1, 2, figsize=(12, 3.4), sharey=True)
    for ax, norm in zip(axes[::-1], ("batch", None), strict=True):
        results = np.array(
            [
                [
                    [accuracy(trained(digits, norm, rate, scale, s)[0], digits, norm) for s in seeds]
                    for rate in rates
                ]
                for scale in scales
            ]
        )
        means, spreads = results.mean(axis=2), results.std(axis=2)
        ax.imshow(means, vmin=0, vmax=1, cmap="YlGnBu", aspect="auto")
        for (row, column), mean in np.ndenumerate(means):
            ax.text(
                column,
                row,
                f"{mean:.2f}\n±{spreads[row, column]:.2f}",
                ha="center",
                va="center",
                fontsize=8,
                color="white" if mean > 0.6 else "black",
            )
        ax.set_xticks(range(len(rates)), map(str, rates))
        ax.set_yticks(range(len(scales)), map(str, scales))
        ax.set(xlabel="learning rate", title="with batch norm" if norm else "without")
        row, column = np.unravel_index(means.argmax(), means.shape)
        good = (means > 0.9).sum()
        print(
            f"{'with batch norm' if norm else 'without':<16} above 0.90 in {good:2} of {means.size} "
            f"settings; best {means.max():.3f} ± {spreads[row, column]:.3f} "
            f"at scale {scales[row]}, rate {rates[column]}"
        )
    axes[0].set_ylabel("scale of the initial weights")
    fig.tight_layout()
    plt.show()

# %% [markdown]
# **Experiment: at its best.** That was many settings at once. Now give each of the two its own best setting
# from the tables (write yours in, should they be others), and five times as long. The lines are the loss
# while it learns, mean of three runs; the shade is their range.

# %% tags=["experiment"]
with look("batchnorm_forward", "batchnorm_backward"):
    digits = datasets.digits()
    fig, ax = plt.subplots(figsize=(8, 3.2))
    for norm, scale, rate, color in (("batch", 0.3, 0.1, "C0"), (None, 1, 0.3, "C3")):
        runs = [trained(digits, norm, rate, scale, seed, epochs=30) for seed in range(3)]
        losses = np.array([losses for _, losses in runs])
        smooth = losses.reshape(3, 60, -1).mean(axis=2)
        steps = losses.shape[1] / 60 * np.arange(1, 61)
        name = f"{'with batch norm' if norm else 'without'}, scale {scale}, rate {rate}"
        ax.plot(steps, smooth.mean(axis=0), color=color, label=name)
        ax.fill_between(steps, smooth.min(axis=0), smooth.max(axis=0), color=color, alpha=0.2)
        final = [accuracy(network, digits, norm) for network, _ in runs]
        print(f"{name}: after 30 rounds {np.mean(final):.3f} ± {np.std(final):.3f}")
    ax.set(yscale="log", xlabel="steps", ylabel="loss on the batch", ylim=(5e-4, 4))
    ax.legend()
    fig.tight_layout()
    plt.show()

# %% [markdown]
# **What this shows, and what it does not.** These are small pictures and a small network; read the tables
# before you read on.
#
# - *Larger learning rates:* yes, clearly. With the usual weights (scale 1), without batch norm a rate of 1
#   destroys the network; with it, even 3 works. There is a limit all the same.
# - *Initial weights:* yes, clearly. Without batch norm, small weights (scale 0.1) learn nothing at any of
#   these rates. With it every scale works, given a fitting rate.
# - *But not for free:* look at the column of the smallest rate. With batch norm, **large** initial weights
#   learn *slower*, at scale 4 even slower than without. Batch norm makes `out` independent of the size of
#   the weights, so a step of the same length turns a long weight vector less.
# - *Faster learning:* at first. After the 6 rounds of the tables the best with batch norm is at 0.98 and the
#   best without at 0.94, which is several times the spread; and the loss falls sooner and more steadily. But
#   look at the right half of the curves: later the network *without* has the smaller loss. (Suspects: its
#   learning rate is three times as large, and the noise of the batches' statistics never ends. How would you
#   find out?)
# - *A better network in the end:* no. After 30 rounds both are at about 0.98 on new digits, and the difference
#   is about the spread from run to run. (There are 360 of them, so one digit is 0.003.)
# - *Why* it helps does not follow from any of this. The first explanation, that it keeps the layers' inputs
#   from shifting, has been doubted since, and is still being discussed.


# %% [markdown] autograder={"difficulty": 2, "minutes": 10, "title": "Where it goes"} nbgrader={"grade": true, "grade_id": "written_where", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question A. Where does it go?
# `written_where` · ★★ · about 10 minutes · 3 points
#
# In the network above, batch norm stands after a layer `x @ w + b` and before its ReLU.
#
# 1. What would be different if it stood *after* the ReLU instead? Think of what the ReLU would then get to
#    see, and of what it passes on.
# 2. In the place where it stands, the layer's bias `b` is of no use at all. Why? What does its work?
# 3. The last layer of the network has no batch norm behind it. What would go wrong with the scores if it
#    had one with γ = 1 and β = 0 that never change?
#
# A few sentences are enough.
#
# ### BEGIN SOLUTION
# **Model answer.** Before the ReLU, each feature comes with mean β and spread |γ|, so at the start about
# half of the values are positive: the ReLU cuts the other half off, and no feature is dead (never positive)
# or purely linear (always positive) for the whole batch, whatever the weights. The sum x @ w + b is also
# roughly symmetric, so mean and variance describe it well. After the ReLU, nothing would keep the input of
# the ReLU in range: a feature may be negative for all samples and stay dead; and what is normalized is a
# lopsided distribution with many exact zeros, which become negative numbers, so that the next layer no longer
# gets zeros for "not found". (It can be done, and in practice often works about as well.) The bias b adds
# the same number to all samples, which raises the mean by the same number, and that is subtracted again:
# out does not depend on b, and its gradient is zero. β takes its place. With fixed normalization after the
# last layer every class would get scores of mean 0 and spread 1 over the batch: the network could not say
# that it is sure (large differences) or that a class is rare, and in train mode a sample's scores would
# depend on the other samples. (With learned γ and β most of that could be mended, but the dependence on the
# batch would stay.)
#
# **Mark scheme.** 1 point: a true consequence for the ReLU or for what it passes on: dead or always active
# features, about half of the values cut off, lopsided distribution, zeros no longer zero. 1 point: the bias is
# subtracted with the mean (half), β does its work (half). 1 point: one true consequence for the scores:
# fixed mean and spread of each class over the batch, no confidence, no class frequencies, or dependence on
# the batch.
# ### END SOLUTION

# %% [markdown]
# ## 6 · When learning is over
#
# In test mode the running statistics take over. It is easy to forget to switch, and nothing will complain:
# no error, no warning. What happens then?
#
# **Experiment: forgetting test mode.** Five networks learn, with batch norm. Then each reads the test
# digits: properly, and then in train mode by mistake, with batches of several sizes; and once with the
# digits sorted, so that all digits of a batch are the same. Before you run the cell, guess: which batch
# size still works? What happens with a batch of one?

# %% tags=["experiment"]
with look("batchnorm_forward", "batchnorm_backward"):
    digits = datasets.digits()
    rows = {}
    for seed in range(5):
        network, _ = trained(digits, "batch", 0.3, seed=seed)
        shuffled = np.random.default_rng(seed).permutation(len(digits.y_test))
        rows.setdefault("test mode", []).append(accuracy(network, digits, "batch"))
        for batch in (180, 60, 20, 5, 2, 1):
            mistaken = copy.deepcopy(network)  # train mode changes the running statistics
            result = accuracy(mistaken, digits, "batch", "train", shuffled, batch)
            rows.setdefault(f"train mode, batches of {batch}", []).append(result)
        by_class = np.argsort(digits.y_test, kind="stable")
        mistaken = copy.deepcopy(network)
        result = accuracy(mistaken, digits, "batch", "train", by_class, 36)
        rows.setdefault("train mode, sorted, batches of 36", []).append(result)
        rows.setdefault("test mode, after that", []).append(accuracy(mistaken, digits, "batch"))
    for name, results in rows.items():
        bar = "█" * round(40 * np.mean(results))
        print(f"{name:<34} {np.mean(results):.3f} ± {np.std(results):.3f}  {bar}")

# %% [markdown]
# With large, well mixed batches the mistake hardly shows, which makes it a nasty one: the tests at home
# look fine. A batch of one always gives the same answer, whatever the digit: subtracting the mean leaves
# nothing of it. And in a batch of nothing but sevens, "being a seven" is exactly what is subtracted.

# %% [markdown]
# **Play: drifting apart.** One and the same digit goes through your layer in both modes, after some steps of
# training. Which momentum and which batch size bring the two outputs close together? What do five steps with
# a momentum of 0.99 do?

# %% tags=["experiment"]
play.train_and_test(batchnorm_forward)


# %% [markdown] autograder={"difficulty": 3, "minutes": 10, "title": "The train and test bug"} nbgrader={"grade": true, "grade_id": "written_train_test", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question B. A bug report
# `written_train_test` · ★★★ · about 10 minutes · 3 points
#
# A colleague writes: *"My network with batch norm reads 97 % of the test digits when I evaluate it in batches
# of 100. On the web site, where people draw one digit at a time, it always answers '3'. The weights are the
# same file, I checked. Also, when I shuffle the test digits, the 97 % changes a little every time."*
#
# 1. What is wrong? Explain *both* observations by it, and say why the web site gives the same answer for
#    every drawing.
# 2. Your colleague proposes to collect 100 drawings on the web site and to answer them together. Name two
#    reasons against it.
# 3. After switching to test mode the accuracy is 20 %, for large batches too. It turns out that the network was
#    trained for 5 batches only, with a momentum of 0.99. What is wrong now?
#
# ### BEGIN SOLUTION
# **Model answer.** The network runs in train mode when it is used. Each batch is normalized with its own mean
# and variance, so a digit's answer depends on the other digits of its batch; other batches after shuffling
# give slightly other statistics, hence slightly other answers. With a single sample the mean is the sample
# itself: x − mean = 0, the variance is 0 and every feature becomes exactly β. Nothing of the drawing is left,
# and the layers after it give the same scores for any drawing. Answering 100 drawings together: people have
# to wait; a person's answer depends on what others drew (so it is not repeatable, and can be influenced); and
# if the drawings are not mixed like the training digits (say mostly sevens), the statistics are wrong. Each
# call in train mode also changes the running statistics. In test mode the running statistics are used. They
# start from zeros, and after 5 batches with momentum 0.99 they have covered only 1 − 0.99⁵ ≈ 5 % of the way
# to the true mean and variance. So activations are divided by a standard deviation that is far too small (about
# √0.05 of the true one), with the mean hardly subtracted. Remedy: more batches or a smaller momentum, or
# computing the statistics once over the training data after learning.
#
# **Mark scheme.** 1 point: train mode at test time (half), with a reason for the constant answer: a single
# sample minus itself is zero, only β remains (half). 1 point: two valid reasons (half a point each). 1 point:
# running statistics still near their start (zeros), because of few batches and a large momentum; half a
# point for "running statistics are wrong" without the reason.
# ### END SOLUTION


# %% [markdown]
# ### Task 7. Fold it away
# `fold_batchnorm` · ★★★ · about 30 minutes · 8 points
#
# In test mode all four numbers of a feature are fixed: mean, variance, γ and β. Then batch norm does nothing
# but multiply each feature by one number and add another one. And the layer before it multiplies and adds as
# well. So the two can be made one: **find the weights and the bias of a single layer that does what the
# layer and then test-mode batch norm do.** Networks that run in telephones are prepared in this way: batch norm
# has done its work, and costs nothing any more.
#
# *Example.* A layer has the weight 2 and the bias 1: it makes 2x + 1. Batch norm has mean 5, standard deviation
# 4, γ = 8 and β = 3: it makes 8 · (2x + 1 − 5) / 4 + 3 = 4x − 5. So the folded layer has weight 4 and
# bias −5.
#
# It should work for both kinds of layers, and the shape of `w` says which one it is:
#
# | layer | `w` | `b`, and each array of batch norm |
# | --- | --- | --- |
# | convolution | `(F, C, HH, WW)`, one filter for each of F outputs | `(F,)` |
# | fully connected, `x @ w + b` | `(D, M)`, D inputs and M outputs | `(M,)` |
#
# <details><summary>Hint 1: a nudge</summary>
#
# Do the example with letters instead of numbers, and collect what is multiplied with x.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# One number for each output, the *scale*, is all that you need: it multiplies the weights of that output,
# and it multiplies everything else that comes before β. Which axis of `w` counts the outputs? Look at the
# table.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# The scale is γ divided by what batch norm divides by. The new weights are the old ones times the scale; for a
# convolution, give the scale three more axes with `[:, None, None, None]`. For the new bias, put x = 0 into
# the layer and then into batch norm.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "fold_batchnorm-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    """One layer that does what a layer and then test-mode batch normalization do.

    Arguments:
        w: (F, C, HH, WW), the filters of a convolution, or (D, M), the weights of a fully
            connected layer x @ w + b; float64 or float32
        b: (F,) or (M,), the biases of the layer
        gamma, beta, running_mean, running_var: (F,) or (M,), those of the batch norm
        eps: float, added to running_var

    Returns: (w, b), the weights and biases of the single layer, of the same shapes and dtype.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    scale = gamma / np.sqrt(running_var + eps)
    shaped = scale[:, None, None, None] if w.ndim == 4 else scale
    return w * shaped, (b - running_mean) * scale + beta
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 30, "title": "Fold batch norm away"} nbgrader={"grade": true, "grade_id": "fold_batchnorm", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check("fold_batchnorm")

# %% [markdown]
# **Look: the same network without batch norm.** A network learns with batch norm. Then your function folds
# its four batch norms into the four layers before them.

# %% tags=["experiment"]
with look("batchnorm_forward", "batchnorm_backward", "fold_batchnorm"):
    digits = datasets.digits()
    network, _ = trained(digits, "batch", 0.3)
    folded = copy.deepcopy(network)
    for layer in folded[:-1]:
        means, variances = (layer["bn_param"][key] for key in ("running_mean", "running_var"))
        layer["w"], layer["b"] = fold_batchnorm(
            layer["w"], layer["b"], layer["gamma"], layer["beta"], means, variances, 1e-5
        )
    pixels = digits.x_test.reshape(-1, 64).astype(float)
    with_norm, _ = scores_of(network, pixels, "batch", "test")
    without, _ = scores_of(folded, pixels, None, "test")
    for name, net, norm in (("with batch norm", network, "batch"), ("folded", folded, None)):
        runs = []
        for _ in range(50):
            start = time.perf_counter()
            scores_of(net, pixels, norm, "test")
            runs.append(time.perf_counter() - start)
        print(
            f"{name:<16} accuracy {accuracy(net, digits, norm):.4f}, "
            f"{1000 * np.median(runs):.2f} ms for 360 digits"
        )
    print(f"largest difference between their scores: {np.abs(with_norm - without).max():.0e}")

# %% [markdown]
# ## 7 · Pictures
#
# After a convolution, a feature is a whole map: channel c of a picture has H×W numbers, made by the same
# filter at different places. They should be treated alike, else the layer would no longer be the same
# everywhere. So *spatial* batch norm takes **one mean and one variance for each channel, over all samples,
# rows and columns**. γ, β and the running statistics have one number for each channel, `(C,)`.
#
# *Example.* 16 pictures with 3 channels of 32×32 pixels: three means, each over 16·32·32 = 16,384 numbers.

# %% [markdown]
# ### Task 8. Spatial batch norm, forward
# `spatial_batchnorm_forward` · ★★★ · about 20 minutes · 6 points
#
# `bn_param` works as before, with running statistics `(C,)`. You may call `batchnorm_forward` and let it do
# the work (then it has to be right), or write it out.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A pixel of a picture is a list of C numbers. Then a batch of pictures is just a long list of pixels.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# `batchnorm_forward` wants `(samples, features)`. Which axis of `(N, C, H, W)` are the features, and where
# does it have to be before you reshape? `reshape` never moves numbers around; it only cuts the same
# sequence into other rows.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Move the channels to the end with `transpose(0, 2, 3, 1)`, reshape to `(-1, C)`, normalize. On the way
# back do the opposite in the opposite order: first reshape to `(N, H, W, C)`, then move the channels to
# where they were. Or leave `x` as it is: `mean(axis=(0, 2, 3), keepdims=True)`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "spatial_batchnorm_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Forward pass of batch normalization for pictures, without loops.

    Arguments:
        x: (N, C, H, W) array of float64 or float32
        gamma, beta: (C,), scale and shift of each channel
        bn_param: as for batchnorm_forward, with running_mean and running_var (C,)

    Returns: (out, cache)
        out: (N, C, H, W), of the dtype of x
        cache: whatever spatial_batchnorm_backward needs
    The running statistics in bn_param are used and updated as in batchnorm_forward.
    Raises: ValueError for a mode that is neither "train" nor "test".
    Nothing else in the arguments is changed.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(pixels, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 20, "title": "Spatial batch norm, forward"} nbgrader={"grade": true, "grade_id": "spatial_batchnorm_forward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("spatial_batchnorm_forward")


# %% [markdown]
# ### Task 9. Spatial batch norm, backward
# `spatial_batchnorm_backward` · ★★★ · about 20 minutes · 6 points
#
# `cache` is what your `spatial_batchnorm_forward` returned in train mode.
#
# <details><summary>Hint 1: a nudge</summary>
#
# If your forward pass called `batchnorm_forward`, whom can you call here?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# `dout` has the shape of `out`, and takes the same way: it becomes a list of pixels, and `dx` becomes
# pictures again.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Move the channels of `dout` to the end and reshape; call a backward pass of yours; reshape `dx` to
# `(N, H, W, C)` and move the channels back. `dgamma` and `dbeta` are `(C,)` already. If you wrote the
# layer out instead: how many numbers share a mean now?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "spatial_batchnorm_backward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def spatial_batchnorm_backward(dout, cache):
    """Backward pass of batch normalization for pictures in train mode, without loops.

    Arguments:
        dout: (N, C, H, W), the derivative of the loss by out
        cache: as your spatial_batchnorm_forward returned it

    Returns: (dx, dgamma, dbeta), the derivatives of the loss by x (N, C, H, W), by gamma (C,)
        and by beta (C,), of the dtype of dout.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    N, C, H, W = dout.shape
    pixels = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dx, dgamma, dbeta = batchnorm_backward_alt(pixels, cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 20, "title": "Spatial batch norm, backward"} nbgrader={"grade": true, "grade_id": "spatial_batchnorm_backward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("spatial_batchnorm_backward")

# %% [markdown]
# ## 8 · Who shares a mean?
#
# Batch norm has one weak spot: the batch. Its statistics are noisy when batches are small, they tie the
# samples of a batch to each other, and training and testing differ. But why should a mean be taken over the
# batch at all? A layer's output is a block of numbers with three directions: samples, channels, and places
# (rows and columns). A set of numbers that share a mean can be cut from it in several ways.
#
# In the picture below, numbers of the same colour share a mean and a variance.


# %%
def draw_cube(ax, colours):
    """Draw a block of numbers; colours (channels, places, samples, 3) are RGB."""
    channels, places, samples, _ = colours.shape
    right, deep = np.array([0.86, -0.3]), np.array([0.7, 0.42])
    up = np.array([0.0, 1.0])

    def face(corner, one, other, colour, shade):
        points = [corner, corner + one, corner + one + other, corner + other]
        ax.add_patch(
            plt.Polygon(points, facecolor=shade * colour, edgecolor="white", linewidth=0.8)
        )

    for s in range(samples):
        for p in range(places):
            face(s * right + p * up, right, up, colours[0, p, s], 0.94)
    for c in range(channels):
        for p in range(places):
            corner = samples * right + c * deep + p * up
            face(corner, deep, up, colours[c, p, -1], 0.8)
        for s in range(samples):
            corner = places * up + s * right + c * deep
            face(corner, right, deep, colours[c, -1, s], 1.0)
    ax.annotate("samples", samples / 2 * right + [-0.5, -0.9], ha="center", rotation=-19)
    ax.annotate(
        "channels", samples * right + channels / 2 * deep + [0.55, -0.75], ha="center", rotation=31
    )
    ax.annotate("places", [-0.6, places / 2], ha="center", va="center", rotation=90)
    ax.set(xlim=(-1.2, 10), ylim=(-3, 8.4), aspect="equal")
    ax.axis("off")


def shared(channels=6, places=4, samples=5):
    """For each kind of normalization the number of the set that each place of the block is in."""
    c, _, s = np.meshgrid(range(channels), range(places), range(samples), indexing="ij")
    return {
        "batch norm": c,
        "layer norm": s,
        "instance norm": s * channels + c,
        "group norm, 2 groups": s * 2 + c // (channels // 2),
    }


# %% tags=["experiment"]
fig, axes = plt.subplots(1, 4, figsize=(13, 3.4))
for ax, (name, sets) in zip(axes, shared().items(), strict=True):
    few = sets.max() < 8
    hues = plt.cm.turbo(0.08 + 0.84 * (sets / sets.max() if few else sets * 0.618 % 1))[..., :3]
    draw_cube(ax, 0.35 + 0.65 * hues)
    ax.set_title(f"{name}: {sets.max() + 1} means")
fig.tight_layout()
plt.show()

# %% [markdown]
# - **Layer norm:** all numbers of one *sample* share a mean. For arrays `(N, D)` that is one mean for each
#   row instead of each column.
# - **Instance norm:** each channel of each sample stands for itself.
# - **Group norm** is in between: the channels of a sample are cut into G groups of neighbours. With G = 1
#   that is layer norm (of pictures), with G = C it is instance norm.
#
# The last three never look at other samples. So they are the same in training and at test time, with any
# batch: there are no modes and no running statistics. γ and β stay what they were: **one for each feature or
# channel**, whoever shares the mean.

# %% [markdown]
# **Play: pick a number.** Choose a normalization, a sample and a channel: all numbers that share their mean
# are marked. Which two settings of group norm are an old friend?

# %% tags=["experiment"]
play.normalizations()

# %% [markdown]
# ### Task 10. Layer norm, forward
# `layernorm_forward` · ★★ · about 15 minutes · 6 points
#
# For arrays `(N, D)`. `ln_param` is a dictionary with `eps`, 1e-5 where it is missing.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Compare with your `batchnorm_forward`. What disappears, and which axis changes?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# A mean for each row has the shape `(N,)`. NumPy lines shapes up from the right, where `x` has D. So the
# means need to be a column, `(N, 1)`.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# `mean` and `var` along axis 1 with `keepdims=True`; then the same two lines as before. γ and β are `(D,)`
# and lie along the rows, as they did.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "layernorm_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layernorm_forward(x, gamma, beta, ln_param):
    """Forward pass of layer normalization, without loops.

    Arguments:
        x: (N, D) array of float64 or float32
        gamma, beta: (D,), scale and shift of each feature
        ln_param: {"eps": float}; 1e-5 if it is missing

    Returns: (out, cache)
        out: (N, D), of the dtype of x
        cache: whatever layernorm_backward needs
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    normalized = (x - x.mean(axis=1, keepdims=True)) / std
    return gamma * normalized + beta, (normalized, std, gamma)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 15, "title": "Layer norm, forward"} nbgrader={"grade": true, "grade_id": "layernorm_forward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("layernorm_forward")


# %% [markdown]
# ### Task 11. Layer norm, backward
# `layernorm_backward` · ★★★ · about 25 minutes · 6 points
#
# Be careful: one thing that was harmless in batch norm is not harmless here.
#
# <details><summary>Hint 1: a nudge</summary>
#
# In batch norm, all numbers that share a mean also share a γ. Here they do not.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Multiply `dout` by γ first, and only then take means. For `dx` the means run along the rows. For `dgamma`
# and `dbeta`, ask which axis the samples are on: each sample still uses the same γ and β.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     dgamma, dbeta: as in batch norm
#     dnormalized = dout · γ
#     dx: dnormalized, minus its mean in the row,
#         minus normalized times the mean of (dnormalized · normalized) in the row,
#         all of it divided by the standard deviation of the row
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "layernorm_backward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layernorm_backward(dout, cache):
    """Backward pass of layer normalization, without loops.

    Arguments:
        dout: (N, D), the derivative of the loss by out
        cache: as your layernorm_forward returned it

    Returns: (dx, dgamma, dbeta), the derivatives of the loss by x (N, D), by gamma (D,) and
        by beta (D,), of the dtype of dout.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    normalized, std, gamma = cache
    dnormalized = dout * gamma
    mean = dnormalized.mean(axis=1, keepdims=True)
    along = (dnormalized * normalized).mean(axis=1, keepdims=True)
    dx = (dnormalized - mean - normalized * along) / std
    return dx, (dout * normalized).sum(axis=0), dout.sum(axis=0)
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 25, "title": "Layer norm, backward"} nbgrader={"grade": true, "grade_id": "layernorm_backward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("layernorm_backward")

# %% [markdown]
# **Experiment: small batches.** The same network with nothing, with your batch norm and with your layer norm,
# and with batches of 2 to 64. All go twice through the training digits at a learning rate of 0.1; three runs
# each. (With small batches they make more steps, so compare within a line only.)

# %% tags=["experiment"]
with look("batchnorm_forward", "batchnorm_backward", "layernorm_forward", "layernorm_backward"):
    digits = datasets.digits()
    kinds = {"nothing": None, "batch norm": "batch", "layer norm": "layer"}
    lines = ["batch size " + "".join(f"{name:>18}" for name in kinds)]
    for batch in (2, 4, 8, 16, 64):
        line = f"{batch:>10} "
        for norm in kinds.values():
            runs = [
                accuracy(
                    trained(digits, norm, 0.1, seed=seed, epochs=2, batch=batch)[0], digits, norm
                )
                for seed in range(3)
            ]
            line += f"{np.mean(runs):>10.3f} ± {np.std(runs):.3f}"
        lines.append(line)
    print("\n".join(lines))

# %% [markdown]
# At a batch of two, batch norm breaks down, as the noisy picture in section 3 suggested: in training every
# number is turned into 1 or −1, and in test mode the network meets numbers of a kind that it has never seen.
# Layer norm does not mind. From about 8 samples on batch norm is fine, and with the larger batches it is
# ahead of the other two; so on a task like this, layer norm is a remedy for small batches rather than an
# improvement.

# %% [markdown]
# ### Task 12. Instance norm, forward
# `instancenorm_forward` · ★★ · about 10 minutes · 4 points
#
# For pictures `(N, C, H, W)`: each channel of each picture by itself, over rows and columns. Here `gamma` and
# `beta` have the shape **`(1, C, 1, 1)`**, so that they fit to pictures without further ado.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which axes of `(N, C, H, W)` are averaged over? `axis` may be a tuple.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Take your `layernorm_forward` and change the axes. With `keepdims=True` everything else fits.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Mean and variance over axes 2 and 3, kept; the root of variance plus eps; normalize, scale, shift.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "instancenorm_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def instancenorm_forward(x, gamma, beta, in_param):
    """Forward pass of instance normalization, without loops.

    Arguments:
        x: (N, C, H, W) array of float64 or float32
        gamma, beta: (1, C, 1, 1), scale and shift of each channel
        in_param: {"eps": float}; 1e-5 if it is missing

    Returns: (out, cache)
        out: (N, C, H, W), of the dtype of x
        cache: whatever instancenorm_backward needs
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    std = np.sqrt(x.var(axis=(2, 3), keepdims=True) + in_param.get("eps", 1e-5))
    normalized = (x - x.mean(axis=(2, 3), keepdims=True)) / std
    return gamma * normalized + beta, (normalized, std, gamma)
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 10, "title": "Instance norm, forward"} nbgrader={"grade": true, "grade_id": "instancenorm_forward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("instancenorm_forward")


# %% [markdown]
# ### Task 13. Instance norm, backward
# `instancenorm_backward` · ★★★ · about 15 minutes · 4 points
#
# `dgamma` and `dbeta` have the shape of `gamma` and `beta`, `(1, C, 1, 1)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two different sets of axes occur here: one for the means in `dx`, another one for `dgamma` and `dbeta`.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# The means in `dx` run over the numbers that share a mean. The sums in `dgamma` run over the numbers that
# share a γ.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# `dx` as in layer norm, with axes 2 and 3. `dgamma` and `dbeta` are sums over axes 0, 2 and 3; `keepdims`
# gives them their shape.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "instancenorm_backward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def instancenorm_backward(dout, cache):
    """Backward pass of instance normalization, without loops.

    Arguments:
        dout: (N, C, H, W), the derivative of the loss by out
        cache: as your instancenorm_forward returned it

    Returns: (dx, dgamma, dbeta), the derivatives of the loss by x (N, C, H, W), by gamma
        (1, C, 1, 1) and by beta (1, C, 1, 1), of the dtype of dout.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    normalized, std, gamma = cache
    dnormalized = dout * gamma
    mean = dnormalized.mean(axis=(2, 3), keepdims=True)
    along = (dnormalized * normalized).mean(axis=(2, 3), keepdims=True)
    dx = (dnormalized - mean - normalized * along) / std
    dgamma = (dout * normalized).sum(axis=(0, 2, 3), keepdims=True)
    return dx, dgamma, dout.sum(axis=(0, 2, 3), keepdims=True)
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 15, "title": "Instance norm, backward"} nbgrader={"grade": true, "grade_id": "instancenorm_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("instancenorm_backward")

# %% [markdown]
# ### Task 14. Group norm, forward
# `spatial_groupnorm_forward` · ★★★ · about 20 minutes · 4 points
#
# `G` is the number of groups. The first C/G channels are the first group, the next C/G the second, and so
# on. **If G does not divide C, raise a `ValueError`.** γ and β are `(1, C, 1, 1)` again: one for each
# *channel*, not for each group.
#
# *Example.* 6 channels and G = 2: channels 0, 1, 2 share a mean, and channels 3, 4, 5.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A group is a small block: some channels, all rows, all columns. Can `reshape` make an axis that counts
# groups?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# `(N, C, H, W)` and `(N, G, C/G, H, W)` hold the same numbers in the same order. In the second one it is easy
# to say which axes are averaged over. When should you go back to four axes: before γ, or after it?
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
# Refuse what does not divide; reshape to five axes; normalize over the last three; reshape back; scale and
# shift.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "spatial_groupnorm_forward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Forward pass of group normalization, without loops.

    Arguments:
        x: (N, C, H, W) array of float64 or float32
        gamma, beta: (1, C, 1, 1), scale and shift of each channel
        G: int, the number of groups of C / G neighbouring channels
        gn_param: {"eps": float}; 1e-5 if it is missing

    Returns: (out, cache)
        out: (N, C, H, W), of the dtype of x
        cache: whatever spatial_groupnorm_backward needs
    Raises: ValueError if G does not divide C.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    if C % G != 0:
        raise ValueError(f"{C} channels cannot be cut into {G} groups of equal size")
    groups = x.reshape(N, G, C // G, H, W)
    std = np.sqrt(groups.var(axis=(2, 3, 4), keepdims=True) + gn_param.get("eps", 1e-5))
    normalized = (groups - groups.mean(axis=(2, 3, 4), keepdims=True)) / std
    return gamma * normalized.reshape(x.shape) + beta, (normalized, std, gamma)
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 20, "title": "Group norm, forward"} nbgrader={"grade": true, "grade_id": "spatial_groupnorm_forward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("spatial_groupnorm_forward")


# %% [markdown]
# ### Task 15. Group norm, backward
# `spatial_groupnorm_backward` · ★★★★ · about 25 minutes · 4 points
#
# The last one, and the most general: with G = 1 and G = C you get the backward passes of two others.
# `dgamma` and `dbeta` are `(1, C, 1, 1)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `dx` lives in groups, `dgamma` in channels. Which shape does each line of yours need?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Multiply by γ while there are four axes. Go to five axes for the means in `dx`, and come back. The channels
# of a group have different γs, so what was said at layer norm holds here as well.
#
# </details>
# <details><summary>Hint 3: a sketch</summary>
#
#     dgamma, dbeta: sums over axes 0, 2, 3 in four axes, kept
#     dnormalized = dout · γ, reshaped to five axes
#     dx: as before, with means over the last three axes; reshaped to four axes
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "spatial_groupnorm_backward-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def spatial_groupnorm_backward(dout, cache):
    """Backward pass of group normalization, without loops.

    Arguments:
        dout: (N, C, H, W), the derivative of the loss by out
        cache: as your spatial_groupnorm_forward returned it

    Returns: (dx, dgamma, dbeta), the derivatives of the loss by x (N, C, H, W), by gamma
        (1, C, 1, 1) and by beta (1, C, 1, 1), of the dtype of dout.
    The arguments are not changed.
    """
    ### BEGIN SOLUTION
    normalized, std, gamma = cache
    dgamma = (dout * normalized.reshape(dout.shape)).sum(axis=(0, 2, 3), keepdims=True)
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dnormalized = (dout * gamma).reshape(normalized.shape)
    mean = dnormalized.mean(axis=(2, 3, 4), keepdims=True)
    along = (dnormalized * normalized).mean(axis=(2, 3, 4), keepdims=True)
    dx = (dnormalized - mean - normalized * along) / std
    return dx.reshape(dout.shape), dgamma, dbeta
    ### END SOLUTION


# %% autograder={"difficulty": 4, "minutes": 25, "title": "Group norm, backward"} nbgrader={"grade": true, "grade_id": "spatial_groupnorm_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("spatial_groupnorm_backward")

# %% [markdown]
# **Look: the cubes again, measured.** This time nothing is drawn by definition. We take a small block of
# random numbers, change the single number at the black corner (the nearest one on top), and colour the numbers
# of `out` that your function changes because of it. Do the four pictures look like the ones above?

# %% tags=["experiment"]
with look("spatial_batchnorm_forward", "instancenorm_forward", "spatial_groupnorm_forward"):

    def batch_norm(x):
        return spatial_batchnorm_forward(x, np.ones(6), np.zeros(6), {"mode": "train"})[0]

    def group_norm(x, groups):
        ones = np.ones((1, 6, 1, 1))
        return spatial_groupnorm_forward(x, ones, 0 * ones, groups, {})[0]

    def instance_norm(x):
        ones = np.ones((1, 6, 1, 1))
        return instancenorm_forward(x, ones, 0 * ones, {})[0]

    measured = {
        "batch norm": batch_norm,
        "layer norm (G = 1)": lambda x: group_norm(x, 1),
        "instance norm": instance_norm,
        "group norm (G = 2)": lambda x: group_norm(x, 2),
    }
    before = np.random.default_rng(8).standard_normal((5, 6, 2, 2))
    after = before.copy()
    after[4, 0, 1, 1] += 1
    fig, axes = plt.subplots(1, 4, figsize=(13, 3.4))
    for ax, (name, norm) in zip(axes, measured.items(), strict=True):
        changed = np.abs(norm(after) - norm(before)).reshape(5, 6, 4).transpose(1, 2, 0) > 1e-9
        colours = np.where(changed[..., None], [0.95, 0.55, 0.25], [0.86, 0.89, 0.93])
        colours[0, 3, 4] = 0.1
        draw_cube(ax, colours)
        ax.set_title(f"{name}: {changed.sum()} numbers")
    fig.tight_layout()
    plt.show()

# %% [markdown]
# **Look: what each of them takes away.** A batch of three photographs: one dark, one pale, one with a strong
# tint. Below them what three of your functions make of the batch (γ = 1, β = 0; grey is zero). Which one
# keeps the dark picture dark? Which one removes the tint? What of the pictures can a network that comes after
# it no longer know?

# %% tags=["experiment"]
with look("spatial_batchnorm_forward", "instancenorm_forward", "spatial_groupnorm_forward"):
    astronaut = datasets.photograph("astronaut")[8:128, 20:140]
    cat = datasets.photograph("chelsea")[4:124, 30:150]
    coffee = datasets.photograph("coffee")[4:124, 30:150]
    photographs = np.stack([0.3 * astronaut, 0.6 + 0.35 * cat, coffee * [0.45, 0.75, 1.0]])
    x = photographs.transpose(0, 3, 1, 2)
    ones = np.ones((1, 3, 1, 1))
    rows = {
        "the batch": None,
        "batch norm": spatial_batchnorm_forward(x, np.ones(3), np.zeros(3), {"mode": "train"})[0],
        "layer norm\n(G = 1)": spatial_groupnorm_forward(x, ones, 0 * ones, 1, {})[0],
        "instance norm": instancenorm_forward(x, ones, 0 * ones, {})[0],
    }
    fig, axes = plt.subplots(3, 4, figsize=(9.2, 7))
    for column, (name, out) in zip(axes.T, rows.items(), strict=True):
        shown = photographs if out is None else 0.5 + 0.22 * out.transpose(0, 2, 3, 1)
        for ax, picture in zip(column, shown, strict=True):
            ax.imshow(np.clip(picture, 0, 1))
            ax.axis("off")
        column[0].set_title(name)
    fig.tight_layout()
    plt.show()


# %% [markdown] autograder={"difficulty": 3, "minutes": 10, "title": "Which axes each one takes"} nbgrader={"grade": true, "grade_id": "written_axes", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### Question C. Which axes?
# `written_axes` · ★★★ · about 10 minutes · 3 points
#
# A convolution gives an array `(N, C, H, W) = (16, 32, 8, 8)`.
#
# 1. For batch norm, layer norm (over all of a sample), instance norm and group norm with G = 4: over which
#    axes does each take its mean, how many means are there, and over how many numbers goes each? How many
#    numbers does `gamma` have in each case?
# 2. Which of the four give the same `out` for a picture when it comes alone and when it comes in a batch (in
#    train mode)? Which of them need running statistics?
# 3. A network shall transfer the style of paintings, and its result should not depend on the contrast of the
#    photograph. Another one is trained on scans so large that only two of them fit into memory at once. Which
#    normalization would you take for each, and why?
#
# ### BEGIN SOLUTION
# **Model answer.**
#
# | | axes | means | numbers each | γ |
# | --- | --- | --- | --- | --- |
# | batch | N, H, W | 32 | 16·8·8 = 1,024 | 32 |
# | layer | C, H, W | 16 | 32·8·8 = 2,048 | 32 |
# | instance | H, W | 16·32 = 512 | 8·8 = 64 | 32 |
# | group, G = 4 | H, W and the 8 channels of a group | 16·4 = 64 | 8·8·8 = 512 | 32 |
#
# (γ has one number for each channel in all four; a layer norm with a γ for each of the 2,048 numbers exists
# as well, and is accepted if it is said.) Layer, instance and group norm look at one sample only and give the
# same alone and in a batch; only batch norm does not, and only batch norm needs running statistics, because at
# test time there may be no batch. Style: instance norm, since it removes mean and spread of every channel of
# every picture, and these are brightness, contrast and tint. Scans: group norm (or layer norm), because means
# over a batch of two are too noisy, while a group has 512 numbers of one picture; it keeps more than instance
# norm does, since the channels of a group keep their differences.
#
# **Mark scheme.** 1 point: axes and numbers of means of all four (a quarter each; a slip in the number of
# values or of γs costs a quarter altogether). 1 point: the three that are independent of the batch (half), batch
# norm alone needs running statistics (half). 1 point: instance norm for style, and group or layer norm for
# small batches, each with a reason (half a point each; none without a reason).
# ### END SOLUTION

# %% [markdown]
# ## Handing in
#
# You have built five normalizations that are in use in nearly every network of today, and you know what they
# do while a network learns, what becomes of them afterwards, and what goes wrong when the two are mixed up.
# Well done.
#
# Before you hand in:
#
# 1. Choose *Kernel → Restart Kernel and Run All Cells*. Now every cell has run once, in order, as it will
#    when it is graded.
# 2. Look at each `check`: does it say what you expect? A task that you did not solve does no harm to the
#    others, unless they call it; leave its cell as it is.
# 3. Have you answered questions A, B and C?
# 4. Save the notebook, keep its name `normalization.ipynb`, and hand it in the way your course asks you to.
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
