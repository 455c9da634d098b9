"""The oracles: finite differences, the symbolic derivative, autodiff; each gives values with bounds."""
