"""Makes the modules beside these tests importable in the folders below them, too."""
