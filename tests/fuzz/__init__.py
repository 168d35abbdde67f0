"""Malformed streams for the grader's end of the pipe; ``run.py`` sends a million of them."""
