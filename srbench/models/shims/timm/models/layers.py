"""Stand-in for ``timm.models.layers``, the old place of ``timm.layers``."""

from timm.layers import (  # noqa: F401
    DropPath,
    LayerNorm2d,
    Mlp,
    _assert,
    drop_path,
    to_1tuple,
    to_2tuple,
    to_3tuple,
    to_4tuple,
    to_ntuple,
    trunc_normal_,
)
