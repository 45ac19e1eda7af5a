"""TREE: layout, files, names, sizes."""
