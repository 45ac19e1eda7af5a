"""Where bytes come from: folder, archive, git objects; one small interface with limits inside."""
