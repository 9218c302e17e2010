"""DICOM (https://www.dicomstandard.org): files into display pictures and Hounsfield units, and de-identification."""
