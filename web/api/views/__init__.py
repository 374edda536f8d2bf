"""One file for each kind of thing that the addresses name."""
