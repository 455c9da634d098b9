"""The proof kernel: formulas in matrix notation, lowered to indices, differentiated, brought to normal form.

``formula`` is the language; ``lowering`` turns it into entries; ``derivative`` differentiates them;
``normal_form`` decides whether two are equal for all dimensions; ``hypotheses`` are what may be taken for
granted; ``concrete`` is the second path, which writes everything out at small shapes and lets SymPy
differentiate; ``typeset`` prints the formula for the reader.
"""
