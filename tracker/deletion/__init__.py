"""What hangs on what, and what goes when: deletion and retention in time slices."""
