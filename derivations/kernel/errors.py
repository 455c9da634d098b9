"""What the kernel cannot do."""


class UnsupportedError(TypeError):
    """A formula says something that the kernel has no rule for; nothing is claimed about it."""
