#!/bin/sh
# A leaderboard of our lab's own; images/ holds our test images.
set -eu
srbench init-site board --title "Lab of Light"
cd board
git init -q -b main
git add .
git commit -q -m "A leaderboard"

# A result comes as a branch that adds JSON files only.
git checkout -q -b bicubic
srbench run --models bicubic --datasets ../images --no-runtime --results leaderboards/measured
git add leaderboards/measured
git commit -q -m "Bicubic on our images"
