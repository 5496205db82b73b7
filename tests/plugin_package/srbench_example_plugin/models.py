"""A model: its card, which is data only, so that listing it imports no torch; the network is in network.py."""

from srbench.models import ModelCard

CARD = ModelCard(
    name="example-espcn", title="Example ESPCN", paper="example2026", year=2026, scales=(2, 4),
    network="srbench_example_plugin.network:ExampleESPCN", arguments={"channels": 8}, params={2: 1_100, 4: 3_728},
)  # fmt: skip
