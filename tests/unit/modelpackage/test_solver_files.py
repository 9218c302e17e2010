import pytest

from salus.contracts.errors import InvalidInput, PackageRejected
from salus.modelpackage.solver_files import SolverFile, decode_solver, encode_solver

_FILE = SolverFile(pack="wards", task="roster", settings={"moves": 3, "share": 0.5}, example_iterations=10)


def test_what_is_written_is_read_and_equal_solvers_are_equal_bytes() -> None:
    assert decode_solver(encode_solver(_FILE)) == _FILE
    turned = SolverFile(pack="wards", task="roster", settings={"share": 0.5, "moves": 3}, example_iterations=10)
    assert encode_solver(turned) == encode_solver(_FILE)
    assert _FILE.package_name == "wards.roster"


def test_another_document_is_refused() -> None:
    for content in (b"{}", b"not JSON", encode_solver(_FILE).replace(b'"pack"', b'"program"')):
        with pytest.raises(PackageRejected):
            decode_solver(content)


def test_a_pack_that_is_no_name_is_refused() -> None:
    with pytest.raises(InvalidInput):
        encode_solver(SolverFile(pack=3, task="roster", settings={}, example_iterations=10))  # type: ignore[arg-type]  # wrong on purpose
