#!/bin/sh
# net.py holds a network of our own. What does it cost beside a known one?
set -eu
srbench profile --models net.py:Net,imdn --size 720p
srbench profile --models net.py:Net,imdn --size 720p --json > costs.json
