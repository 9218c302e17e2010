"""Malignant or benign, from measurements of cell nuclei in a fine needle aspirate."""
