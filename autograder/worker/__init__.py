"""The sandbox that runs a submission's code, and both ends of the pipe to it.

``wire`` says what travels; ``sandbox``, ``zygote`` and ``host`` start, confine and talk to workers;
``guest`` is what runs inside, ``memory`` what it finds in new arrays, ``shortcuts`` how it counts
loops that C runs. ``wire``, ``zygote``, ``guest``, ``memory``, ``shortcuts`` and ``layers`` are
loaded inside the sandbox too, where the rest of this package does not exist: they import NumPy, the
standard library and each other, nothing else.
"""
