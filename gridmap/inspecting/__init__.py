"""What inspectors do: find what is worth a visit near them."""
