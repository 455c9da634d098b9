"""What runs in the worker: the standard library and NumPy only, and nothing of the judge.

The judge shares ``frames`` and ``tree``. The worker loads these modules by path under another name
(``entry.py``), so they import each other relatively, and a submission finds none of them.
"""
