# %% [markdown]
# # Myassignment
#
# **A question that this notebook answers.** Two or three sentences on why anybody would want to know.
#
# **How to work.** Go from top to bottom. Below each task there is a cell `check("…")`. It tries your
# function on several inputs and says what was called, what was expected, and what came. Check as often as
# you like.
#
# **How points work.** Every task shows its points. `check` shows the public checks; grading adds some more
# of the same kind, with other numbers. One question is read by a person.

# %%
import numpy as np

from autograder import check, progress

# %% [markdown]
# ## 1 · The mean of each row
#
# *Here stands what the reader has to know. This skeleton asks for something small: a table `x` of numbers,
# one row for each sample, and the mean of each row.*
#
# $$m_n = \frac{1}{D} \sum_{d=1}^{D} x_{nd}$$
#
# ### Task 1. With loops
#
# Write `myassignment_naive(x)` with plain loops.
#
# - `x`: array of shape `(N, D)`
# - returns: array of shape `(N,)` with the mean of each row
#
# *1 star, about 10 minutes.*

# %% nbgrader={"grade": false, "grade_id": "myassignment_naive-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def myassignment_naive(x):
    """The mean of each row of x, of shape (N, D): shape (N,)."""
    ### BEGIN SOLUTION
    N, D = x.shape
    out = np.zeros(N)
    for n in range(N):
        for d in range(D):
            out[n] += x[n, d]
        out[n] /= D
    return out
    ### END SOLUTION

# %% autograder={"difficulty": 1, "minutes": 10, "title": "The mean of each row, with loops"} nbgrader={"grade": true, "grade_id": "myassignment_naive", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("myassignment_naive")

# %% [markdown]
# ### Task 2. Without loops
#
# Write `myassignment_vectorized(x)`, which gives the same. It may not loop over rows or columns.
#
# *2 stars, about 10 minutes.*

# %% nbgrader={"grade": false, "grade_id": "myassignment_vectorized-code", "locked": false, "schema_version": 3, "solution": true, "task": false}
def myassignment_vectorized(x):
    """The mean of each row of x, of shape (N, D): shape (N,)."""
    ### BEGIN SOLUTION
    return x.mean(axis=1)
    ### END SOLUTION

# %% autograder={"difficulty": 2, "minutes": 10, "title": "The mean of each row, without loops"} nbgrader={"grade": true, "grade_id": "myassignment_vectorized", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("myassignment_vectorized")

# %% [markdown] autograder={"difficulty": 1, "minutes": 5, "title": "Question A. Rows or columns?"} nbgrader={"grade": true, "grade_id": "written_myassignment", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### Question A. Rows or columns?
#
# Which of the two axes goes away in `x.mean(axis=1)`? How can you tell from shapes alone?
#
# ### BEGIN SOLUTION
# **Model answer.** Axis 1 goes away: an array of shape (N, D) becomes one of shape (N,).
#
# **Mark scheme.** 1 point for the axis, 1 point for the shapes.
# ### END SOLUTION

# %% [markdown]
# ## Handing in
#
# Choose *Kernel → Restart Kernel and Run All Cells*, save the notebook, keep its name, and hand it in the
# way your course asks you to. The next cell shows how far you are.

# %% tags=["experiment"]
progress()

# %% tags=["experiment"]
from autograder import submit_check

submit_check()
