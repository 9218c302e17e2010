"""Pneumonia on paediatric chest X-rays."""
