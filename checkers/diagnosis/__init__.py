"""The likely mistake behind a wrong gradient, in a sentence, with the equation that has it right.

A mistaken formula is rebuilt from what the examiner knows: the true gradient, the arguments, the cotangent,
and reverse mode over the traced forward with one local rule altered. It is named only if it gives the claimed
gradient, entry by entry and within the bounds, in every case that fails, and leaves right what is right.
"""

from checkers.diagnosis.diagnosis import Diagnosis

__all__ = ["Diagnosis"]
