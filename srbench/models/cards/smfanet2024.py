"""Cards of the SMFANet family (Zheng et al., ECCV 2024)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("Zheng-MJ/SMFANet", "a05e0bb554bbbb80cd27d8fd2b78d4228c657170", "Apache-2.0")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="smfanet2024",
        year=2024,
        scales=tuple(params),
        network="srbench.models.smfanet2024:SMFANet",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.smfanet2024:released_keys"),
        code_licence="Apache-2.0",
        family="smfanet",
        variant_of=None if name == "smfanet" else "smfanet",
        blocks=("SMFA<-smfanet2024", "PCFN<-smfanet2024", "partial-conv<-fasternet2023", "pixel-shuffle<-espcn2016"),
        min_size=8,
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "smfanet",
        "SMFANet",
        {2: 185_628, 3: 190_503, 4: 197_328},
        {
            2: (
                "pretrain/SMFANet_DIV2K_100w_x2SR.pth",
                803533,
                "83774654204e5a684074ae07c79a3fe31a4d61a714b68290ec3893c8442e6e81",
            ),
            3: (
                "pretrain/SMFANet_DIV2K_100w_x3SR.pth",
                822989,
                "948ed822482aa0496e427ae7a20e409d7d57415c977741a90d095f3dfcab511d",
            ),
            4: (
                "pretrain/SMFANet_DIV2K_100w_x4SR.pth",
                850381,
                "1b6aca8369cfd1f0df326e7f685073728420d1c9ec8921feb113d402b80180c8",
            ),
        },
        "Trained on DIV2K.",
    ),
    _card(
        "smfanet-df2k",
        "SMFANet (DF2K)",
        {2: 185_628, 3: 190_503, 4: 197_328},
        {
            2: (
                "pretrain/SMFANet_DF2K_100w_x2SR.pth",
                803351,
                "daea7fc72a6e4aff80163768209ea5e56fd9705db9e6323f31822f24cd03902e",
            ),
            3: (
                "pretrain/SMFANet_DF2K_100w_x3SR.pth",
                822807,
                "ae9953d36b4afb25211a23b02499dc029dfe64a2549c3426b29aaca14f17baa1",
            ),
            4: (
                "pretrain/SMFANet_DF2K_100w_x4SR.pth",
                850199,
                "3141324e9ef6ebdd2338566b30ad034a3bf0c3c34e8030d4086ce4330c319402",
            ),
        },
        "SMFANet trained on DF2K.",
    ),
    _card(
        "smfanet-plus",
        "SMFANet+",
        {2: 480_300, 3: 486_795, 4: 495_888},
        {
            2: (
                "pretrain/SMFANet_plus_DIV2K_100w_x2SR.pth",
                2017203,
                "233e22502690ca8b8334b0140a17f368a3a57cd269b324dc7726d67344d64147",
            ),
            3: (
                "pretrain/SMFANet_plus_DIV2K_100w_x3SR.pth",
                2043123,
                "21edd46238aaac96c1d4df56773a572f4ba9e7cf801ef6aa9edb734e875b2ff4",
            ),
            4: (
                "pretrain/SMFANet_plus_DIV2K_100w_x4SR.pth",
                2079539,
                "238c4eb5d1b177c42cee93cac9fa96cbae63a52c4daded9d153ae9b771f228d0",
            ),
        },
        "Trained on DIV2K.",
        channels=48,
        num_blocks=12,
    ),
    _card(
        "smfanet-plus-df2k",
        "SMFANet+ (DF2K)",
        {2: 480_300, 3: 486_795, 4: 495_888},
        {
            2: (
                "pretrain/SMFANet_plus_DF2K_100w_x2SR.pth",
                2016933,
                "a52ba55ccec8f08cc2c354fdccfe0f7647ea70cc5a47a096b70269370a4f5c5c",
            ),
            3: (
                "pretrain/SMFANet_plus_DF2K_100w_x3SR.pth",
                2042853,
                "509c2af8855e9424d5676956ff5f5911c4e6439c53064e7a4cdbe062ddf2a8d4",
            ),
            4: (
                "pretrain/SMFANet_plus_DF2K_100w_x4SR.pth",
                2079269,
                "28a807e1ee1f46a990458efd813654ea0ba023148a8423e49847d9b5c4f98ca3",
            ),
        },
        "SMFANet+ trained on DF2K.",
        channels=48,
        num_blocks=12,
    ),
)
