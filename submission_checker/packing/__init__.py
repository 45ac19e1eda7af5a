"""What a submitter does before the upload: lay out a tree, file runs into it, pack it."""
