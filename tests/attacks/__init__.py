"""Hostile submissions, by what they try: see README.md."""
