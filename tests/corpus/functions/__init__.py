"""Functions outside the catalogue, and other ways to write those inside."""
