"""A gateway with nothing faked: two packages that are really built, deployed and served."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np

from salus.bootstrap.building import BuildOptions, run_build
from salus.bootstrap.house import House
from salus.bootstrap.running import deploy_package, furnish_gateway
from salus.bootstrap.settings import load_settings
from salus.contracts.progress import Silence
from salus.gateway.server import serve_in_background

TABLE, PICTURE = "breast_cancer.malignancy", "chest_phantom.lesion"
QUICK = BuildOptions(epochs=8, device="cpu", hyperparameters=("input_size=32", "threads=1"))
"""Enough to tell most phantoms, in about ten seconds of one core."""


@dataclass(frozen=True)
class RealSalus:
    """Where it is, and a key that may ask."""

    address: str
    key: str


@contextmanager
def serving_for_real(home: Path) -> Iterator[RealSalus]:
    """Build and deploy a package for tables and one for pictures in `home`, and serve them on a free port."""
    settings = load_settings({"SALUS_HOME": str(home), "SALUS_DATA__OFFLINE": "true"}, directory=home)
    house = House(replace(settings, gateway=replace(settings.gateway, port=0)))
    for name, options in ((TABLE, BuildOptions()), (PICTURE, QUICK)):
        record = run_build(name.replace(".", "/"), options, Silence(), house).record
        deploy_package(record.name, service=None, allow_candidate=True, house=house)
    gateway = furnish_gateway(house)
    assert gateway.failures == ()
    with serve_in_background(gateway.app, house.settings.gateway) as address:
        yield RealSalus(address, house.development_key())
    house.registry.close()


def write_ct_slice(pixels: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> bytes:
    """A CT image (PS3.3 A.3) whose window, 400 HU wide about 40 HU, gives back `pixels`; a made-up patient."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    image.StudyInstanceUID, image.SeriesInstanceUID = generate_uid(), generate_uid()
    image.Modality, image.PatientName, image.PatientID = "CT", "Nobody^Made^Up", "0000"
    image.Rows, image.Columns = pixels.shape
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.RescaleSlope, image.RescaleIntercept, image.RescaleType = 1, -1024, "HU"
    image.WindowCenter, image.WindowWidth = 40, 400
    hounsfield = -160 + pixels.astype(np.float64) * 400 / 255
    image.PixelData = np.rint(hounsfield + 1024).astype("<u2").tobytes()
    buffer = BytesIO()
    image.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def clean_environment(**more: str) -> dict[str, str]:
    """The environment of a caller on another machine: nothing of Salus in it but what is given."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SALUS_")} | more
