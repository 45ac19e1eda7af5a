"""Looking at results beside each other, and at what others said of them."""
