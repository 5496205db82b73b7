#!/bin/sh
# net/model.py holds my network (it imports from its own package, takes 0 to 255, and multiples of 8 only); weights/ its
# checkpoints at x2, x3 and x4, saved by a training on several GPUs. The paper needs a table and two figures.
set -eu
srbench run --models 'net/model.py:LiteNet' --range 255 --multiple 8 --key params_ema \
    --weights 'weights/litenet_x{scale}.pth' --scale 2,3,4 --datasets set5 --no-runtime --results mine
srbench table mine --published carn,rcan --ours litenet -o table.tex
srbench plot mine -x params --published carn,imdn --highlight litenet --width 3.3in -o params.pdf
srbench plot mine -x macs --published carn,imdn --highlight litenet --width 3.3in -o macs.pdf
if command -v pdflatex >/dev/null; then # paper.tex reads table.tex
    pdflatex -interaction=nonstopmode -halt-on-error paper.tex
fi
