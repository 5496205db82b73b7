#!/bin/sh
# Two folders of PNGs, SR and HR, lie here. Which PSNR is it, and under which convention is it 28.42?
set -eu
srbench eval-images SR HR --scale 4
srbench eval-images SR HR --scale 4 --protocol rgb-ntire --json > rgb.json
srbench explain-metric SR HR --scale 4 --reported 28.42
