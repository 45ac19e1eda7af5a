"""The rules: one file per family; declaration, metadata, judgement; nothing else."""
