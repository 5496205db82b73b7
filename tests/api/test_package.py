"""``import srbench`` is free; its names come on first use."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

import srbench


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, srbench; print(sorted({'numpy', 'torch', 'pandas', 'pydantic'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_measuring_and_resizing_import_no_torch() -> None:
    code = "import sys, srbench; srbench.psnr, srbench.ssim, srbench.imresize; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_reading_a_size_imports_no_torch() -> None:
    get = "from srbench.cost.input_size import parse_size"
    code = f"import sys; {get}; print(parse_size('720p', 4), 'torch' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
    assert shown == "(180, 320) False"


@pytest.mark.parametrize("name", [name for name in srbench.__all__ if name != "__version__"])
def test_every_public_name_is_a_documented_function(name: str) -> None:
    function = getattr(srbench, name)
    assert callable(function)
    assert function.__doc__
    assert name in dir(srbench)


def test_version_is_that_of_the_installed_package() -> None:
    assert srbench.__version__ == version("srbench")


def test_other_names_do_not_exist() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lpips'"):
        _ = srbench.lpips  # type: ignore[attr-defined]
