# %% [markdown]
# # Nearest neighbours
#
# **Can one recognise things without learning anything?** Keep all examples, and when something new comes,
# look which of them are most like it. That is all that *k nearest neighbours* does. You build it in three
# steps: distances with loops, distances without, and the vote.
#
# **How to work.** Go from top to bottom. Below each task there is a cell `check("…")`. It tries your
# function on several inputs and says what was called, what was expected, and what came. Check as often as
# you like.
#
# **How points work.** Every task shows its points. `check` shows the public checks; grading adds some more
# of the same kind, with other numbers.

# %%
import numpy as np

from autograder import check, progress

# %% [markdown]
# ## 1 · How far apart?
#
# A sample is a row of $D$ numbers, a point in $D$ dimensions. How unlike two samples $a$ and $b$ are is
# measured by their squared distance:
#
# $$d(a, b) = \sum_{i=1}^{D} (a_i - b_i)^2$$
#
# The root is left out: it changes no order, and who is nearest is all that we ask.
#
# ### Task 1. Distances, with loops
#
# Write `distances_naive(a, b)`.
#
# - `a`: array of shape `(N, D)`, `b`: array of shape `(M, D)`
# - returns: array of shape `(N, M)`; entry `[n, m]` is the squared distance of `a[n]` and `b[m]`
#
# *1 star, about 10 minutes.*


# %% nbgrader={"grade": false, "grade_id": "distances_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def distances_naive(a, b):
    """Squared distances of the rows of a, (N, D), and of b, (M, D): shape (N, M)."""
    ### BEGIN SOLUTION
    N, D = a.shape
    M, _ = b.shape
    out = np.zeros((N, M))
    for n in range(N):
        for m in range(M):
            for i in range(D):
                out[n, m] += (a[n, i] - b[m, i]) ** 2
    return out
    ### END SOLUTION


# %% autograder={"difficulty": 1, "minutes": 10, "title": "Distances with loops"} nbgrader={"grade": true, "grade_id": "distances_naive", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("distances_naive")

# %% [markdown]
# ### Task 2. Distances, without loops
#
# Write `distances_vectorized(a, b)`, which gives the same and loops over nothing. One way is to let NumPy
# stretch both arrays to `(N, M, D)`. Another needs less memory: multiply $(a - b)^2$ out and see which part
# is a product of matrices.
#
# *3 stars, about 20 minutes.*


# %% nbgrader={"grade": false, "grade_id": "distances_vectorized-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def distances_vectorized(a, b):
    """Squared distances of the rows of a, (N, D), and of b, (M, D): shape (N, M)."""
    ### BEGIN SOLUTION
    return (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    ### END SOLUTION


# %% autograder={"difficulty": 3, "minutes": 20, "title": "Distances without loops"} nbgrader={"grade": true, "grade_id": "distances_vectorized", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("distances_vectorized")

# %% [markdown]
# ## 2 · The vote
#
# ### Task 3. What most neighbours say
#
# Write `nearest_labels(distances, labels, k)`.
#
# - `distances`: array of shape `(N, M)`, as above; no two in one row are equal
# - `labels`: array of shape `(M,)` with the class of each known sample, whole numbers from 0 on
# - returns: array of shape `(N,)`: for each row the label that is most frequent among the `k` nearest; where
#   several are, the smallest of them
#
# *2 stars, about 15 minutes.*


# %% nbgrader={"grade": false, "grade_id": "nearest_labels-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nearest_labels(distances, labels, k):
    """The most frequent of the labels, (M,), of the k nearest in each row of distances, (N, M)."""
    ### BEGIN SOLUTION
    nearest = labels[np.argsort(distances, axis=1)[:, :k]]
    return np.array([np.bincount(row).argmax() for row in nearest])
    ### END SOLUTION


# %% autograder={"difficulty": 2, "minutes": 15, "title": "What most neighbours say"} nbgrader={"grade": true, "grade_id": "nearest_labels", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("nearest_labels")

# %% [markdown]
# ## Handing in
#
# Choose *Kernel → Restart Kernel and Run All Cells*, save the notebook, keep its name, and hand it in the
# way your course asks you to. The next cell shows how far you are.

# %% tags=["experiment"]
progress()
