"""Operators that hold no multiply-accumulates under any convention; everything else is counted or reported."""

from __future__ import annotations

from typing import Any

import torch

_NAMES = """
_adaptive_avg_pool2d _adaptive_avg_pool3d _assert_async _assert_scalar _fused_rms_norm _local_scalar_dense
_linalg_check_errors _log_softmax _native_batch_norm_legit_no_training _pack_padded_sequence _prelu_kernel
_reshape_alias _safe_softmax _shape_as_tensor _softmax _to_copy _unique2 _unsafe_index _unsafe_view
_upsample_nearest_exact2d _weight_norm_interface adaptive_max_pool2d alias all amax amin aminmax any arange argmax
argmin argsort as_strided avg_pool1d avg_pool2d avg_pool3d bernoulli bincount bucketize cat channel_shuffle chunk
clone col2im complex constant_pad_nd copy copy_ count_nonzero cummax cummin cumprod cumsum detach detach_ diag
diag_embed diagonal embedding empty empty_like empty_strided equal expand eye fill fill_ flip full full_like gather
im2col index index_add index_add_ index_copy index_copy_ index_fill index_fill_ index_put index_put_ index_select
is_same_size item lift lift_fresh lift_fresh_copy linalg_vector_norm linspace logspace logsumexp masked_scatter
masked_select max max_pool2d max_pool2d_with_indices max_pool3d_with_indices mean median min mkldnn_max_pool2d mode
native_batch_norm native_channel_shuffle native_dropout native_group_norm native_layer_norm new_empty
new_empty_strided new_full new_ones new_zeros nonzero norm normal_ ones ones_like pad permute pixel_shuffle
pixel_unshuffle prod rand rand_like randint randn randn_like randperm reflection_pad1d reflection_pad2d
reflection_pad3d repeat repeat_interleave replication_pad1d replication_pad2d replication_pad3d resize_ rms_norm roll
rot90 rrelu_with_noise scalar_tensor scatter scatter_ scatter_add scatter_add_ scatter_reduce searchsorted select set_
slice sort split split_with_sizes squeeze stack std std_mean sum sym_size t topk trace transpose tril tril_indices
triu triu_indices unbind unfold uniform_ unique_dim unsqueeze upsample_nearest1d upsample_nearest2d upsample_nearest3d
var var_mean view view_as_complex view_as_real where zero_ zeros zeros_like
"""
_FREE = frozenset(_NAMES.split())


def is_free(func: Any) -> bool:
    """Whether the operator is a view, elementwise, a reduction, pooling, a norm or moves data: it holds no MACs."""
    namespace, _, base = func._schema.name.partition("::")
    if namespace not in ("aten", "prim", "prims"):
        return False
    pointwise = torch.Tag.pointwise in func.tags
    return pointwise or base in _FREE or base.rstrip("_") in _FREE or bool(getattr(func, "is_view", False))


def decomposes(func: Any) -> bool:
    """Whether torch knows an operator as others put together (``OpOverload._can_decompose``, which torch 2.4 lacks)."""
    composite = torch._C.DispatchKey.CompositeImplicitAutograd
    known = torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), composite)
    return composite in func.py_kernels or bool(known)
