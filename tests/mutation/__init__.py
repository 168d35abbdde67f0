"""Mutation testing of the suites: see README.md."""
