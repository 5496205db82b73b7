#!/bin/sh
# net.py holds a network of our own. What does it cost beside a known one?
set -eu
srbench profile --models net.py:Net,imdn --size 720p --json > costs.json

# Which measured networks fit 60 G multiply-accumulates at 720p with 31.9 dB on Set5, and which of them no other beats?
srbench choose --max-macs 60G --size 720p --min-psnr 31.9
srbench export imdn --weights bundled --torchscript imdn.pt
