"""FHIR R4 (https://hl7.org/fhir/R4/): observations read into a model's inputs, answers written as resources."""
