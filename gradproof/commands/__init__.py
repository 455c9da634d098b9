"""The commands of the command line: every module of this folder is one, under the name ``command``.

A module here imports nothing but click at the top, so that ``gradproof --help`` stays quick.
"""
