"""The kit graded by its own mistakes: does the grader catch what is wrong, and pass what is right?

``autograder audit`` hands in known mistakes and correct variants as notebooks and counts. This room
is the instructors'.
"""
