#!/bin/sh
# Two folders of PNGs, SR and HR, lie here. Which PSNR is it, and under which convention is it 28.42?
set -eu
srbench eval-images SR HR --scale 4
srbench eval-images SR HR --scale 4 --protocol rgb-ntire --json > rgb.json
srbench explain-metric SR HR --scale 4 --reported 28.42

# SR2 is another method. As methods with names, both stand in tables and figures beside everything else.
srbench eval-images ours=SR other=SR2 HR --scale 4 --results mine
srbench table mine --layout rows --format markdown -o table.md
srbench significance ours other --results mine
srbench compare HR/baby.png ours=SR other=SR2 --scale 4 --crop 8,8,24,24 --width 3.3in --out crops
