"""The sandboxed process that runs a submission's code, and both ends of the pipe to it."""
