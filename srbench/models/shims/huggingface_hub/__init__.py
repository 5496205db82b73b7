"""Stand-in for huggingface_hub: the class that networks inherit from, without the hub."""

from typing import Any


class PyTorchModelHubMixin:
    """Adds nothing."""

    def __init_subclass__(cls, **_settings: Any) -> None:
        super().__init_subclass__()
