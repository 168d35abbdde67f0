"""The student edition: a folder to hand out, and the proof that nothing leaked and that it works.

``contents`` says which files of the package students need, ``package`` makes a wheel of them,
``folder`` puts the rest beside it. ``secrets`` gathers what students must not see, ``leaks`` looks
for it, ``trial`` installs the wheel and checks a task with it. Instructors' own; the student
edition has no such room.
"""
