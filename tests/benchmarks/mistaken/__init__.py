"""Wrong gradients whose mistake is known, because it was made on purpose in code that was right.

Each subject is a forward with a right backward, written as people write them. A mistake is a change of the
backward's source, and carries the names that are true of it. ``tests.benchmarks.diagnosis`` scores what is
said of each.
"""
