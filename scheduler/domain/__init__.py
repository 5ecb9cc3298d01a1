"""The pure core: what people wrote, what it means and what is to be done. No clock, disk, network or log."""
