"""A course of one's own: its skeleton, and bringing up to date what is made from its sources.

``skeleton/`` is an assignment that works, under a name that nobody uses. Instructors' own; the
student edition has no such room.
"""
