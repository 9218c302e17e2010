"""From public sources to divided, checked data sets: catalogue, fetching, readers, splits, quality."""
