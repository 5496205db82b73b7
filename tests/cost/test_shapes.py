"""The short rules for shapes give what torch gives when it computes: shape, layout and type."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from srbench.cost.shapes import META, RULES

aten: Any = torch.ops.aten
IMAGE = torch.rand(1, 4, 9, 11)
LAYOUTS = {
    "plain": IMAGE,
    "channels last": IMAGE.contiguous(memory_format=torch.channels_last),
    "permuted": torch.rand(1, 9, 11, 4).permute(0, 3, 1, 2),
    "cropped": torch.rand(1, 4, 20, 22)[:, :, 3:12, 5:16],
    "part of channels last": torch.rand(1, 9, 11, 20).permute(0, 3, 1, 2)[:, 3:7],
    "channels last of one": torch.rand(9, 11, 1, 4).permute(2, 3, 0, 1).as_strided((1, 4, 9, 11), (4, 1, 44, 4)),
    "turned": torch.rand(1, 4, 11, 9).transpose(2, 3),
}
LEFT, RIGHT, BIAS = torch.rand(3, 5, 7), torch.rand(3, 7, 4), torch.rand(4)
DEEP = torch.rand(4, 1, 3, 3)
SPREAD = torch.rand(1, 4, 1, 1).expand(1, 4, 9, 11)
ONE, MANY, WEIGHT = torch.rand(4, 1, 1), torch.rand(1, 4, 9, 1), torch.rand(6, 4, 3, 3)
CALLS: list[tuple[Any, tuple[Any, ...]]] = [
    *((aten.gelu.default, (x,)) for x in LAYOUTS.values()),
    *((aten.mul.Tensor, pair) for pair in itertools.permutations(LAYOUTS.values(), 2)),
    *((aten.add.Tensor, pair) for x in LAYOUTS.values() for pair in ((x, ONE), (ONE, x), (x, MANY), (MANY, x))),
    *(
        (aten.convolution.default, (x, WEIGHT, None, [s, s], [p, p], [1, 1], False, [0, 0], 1))
        for x in LAYOUTS.values()
        for s in (1, 2)
        for p in (0, 1)
    ),
    *(
        (aten.max_pool2d_with_indices.default, (IMAGE, [k, k], [s, s], [p, p], [1, 1], ceil))
        for k, s, p, ceil in itertools.product((2, 3), (1, 2, 3), (0, 1), (False, True))
    ),
    *((aten.avg_pool2d.default, (IMAGE, [k, k], [], [0, 0], ceil)) for k in (2, 3) for ceil in (False, True)),
    *((aten.adaptive_max_pool2d.default, (x, [3, 2])) for x in LAYOUTS.values()),
    *(
        (aten.native_group_norm.default, (LAYOUTS[name], BIAS, BIAS, 1, 4, 99, 2, 1e-5))
        for name in ("plain", "channels last")
    ),
    *((aten.im2col.default, (x, [3, 2], [1, 2], [1, 0], [2, 1])) for x in LAYOUTS.values()),
    *(
        (aten.col2im.default, (x, [9, 11], [3, 2], [1, 2], [1, 0], [2, 1]))
        for x in (torch.rand(1, 12, 45), torch.rand(1, 45, 12).transpose(1, 2))
    ),
    *(
        (op.default, (x, [2, 0, 1, 3]))
        for op in (aten.reflection_pad2d, aten.replication_pad2d)
        for x in LAYOUTS.values()
    ),
    *((aten.upsample_nearest2d.default, (x, [18, 5])) for x in LAYOUTS.values()),
    *((aten.upsample_bilinear2d.default, (x, [18, 5], False)) for x in LAYOUTS.values()),
    *((aten.upsample_bicubic2d.default, (x, [18, 5], False)) for x in LAYOUTS.values()),
    *((aten.convolution.default, (x, DEEP, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 4)) for x in LAYOUTS.values()),
    *((aten.mul.Scalar, (x, 0.5)) for x in LAYOUTS.values()),
    *((aten.mean.dim, (torch.rand(4, 8, 6, 5)[:, :4], [2, 3], keep)) for keep in (False, True)),
    *((aten.native_layer_norm.default, (x, [11], None, None, 1e-5)) for x in LAYOUTS.values()),
    *((aten.linalg_vector_norm.default, (IMAGE, 2, dim, keep)) for dim in ([1], [2, 3]) for keep in (False, True)),
    (aten.zeros_like.default, (IMAGE,)),
    *((aten.pixel_shuffle.default, (x, 2)) for x in LAYOUTS.values()),
    *(
        (aten.mean.dim, (x, dims, keep))
        for x in LAYOUTS.values()
        for dims in ([2, 3], [1], [-1])
        for keep in (False, True)
    ),
    *((aten.cat.default, (list(pair), 1)) for pair in itertools.product((*LAYOUTS.values(), SPREAD), repeat=2)),
    *(
        (aten.cat.default, ([x, IMAGE.mean((2, 3), keepdim=True)], 2))
        for x in (torch.rand(1, 4, 3, 1), MANY[:, :, ::2])
    ),
    *((aten.bmm.default, (a, b)) for a in (LEFT, LEFT.mT.contiguous().mT) for b in (RIGHT, RIGHT.mT.contiguous().mT)),
    *(
        (aten.mm.default, (a[0], b[0]))
        for a in (LEFT, LEFT.mT.contiguous().mT)
        for b in (RIGHT, RIGHT.mT.contiguous().mT)
    ),
    *((aten.addmm.default, (bias, LEFT[0], RIGHT[0].t().contiguous().t())) for bias in (BIAS, torch.rand(5, 1))),
    (aten.pixel_unshuffle.default, (F.pad(IMAGE, (0, 1, 0, 1)), 2)),
]


def on_meta(value: Any) -> Any:
    """The same without data; a part of a larger tensor keeps its strides."""
    if isinstance(value, torch.Tensor):
        return torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device=META)
    return [on_meta(one) for one in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize(("operator", "args"), CALLS, ids=lambda value: getattr(value, "name", lambda: "")())
def test_a_short_rule_gives_what_computing_gives(operator: Any, args: tuple[Any, ...]) -> None:
    real = operator(*args)
    found: Any = RULES[operator](on_meta(args), {})
    if found is None:
        pytest.skip("left to torch's own rule")
    for one, other in zip(*((x,) if isinstance(x, torch.Tensor) else x for x in (real, found)), strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        moving = [i for i, n in enumerate(one.shape) if n > 1]
        assert [one.stride(i) for i in moving] == [other.stride(i) for i in moving]


def test_an_identity_without_data() -> None:
    for args in ((5,), (5, 3)):
        rule = RULES[aten.eye.default if len(args) == 1 else aten.eye.m]
        found, real = rule(args, {"dtype": torch.float32, "device": META}), torch.eye(*args)
        assert isinstance(found, torch.Tensor)
        assert (found.shape, found.dtype, found.stride()) == (real.shape, real.dtype, real.stride())
        assert rule(args, {"dtype": torch.float32, "device": torch.device("cpu")}) is None
