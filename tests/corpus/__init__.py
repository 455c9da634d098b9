"""Wrong gradients that a checker must catch, and right ones that it must not accuse."""
