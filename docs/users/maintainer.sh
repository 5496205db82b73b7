#!/bin/sh
# A new paper is out; table.csv is its main table, typed in as printed. This runs in a repository of leaderboards.
set -eu
srbench leaderboard new litenet2026 --table table.csv --title "LiteNet: a small network" --short LiteNet \
    --authors "A. Author; B. Author" --venue "A conference" --cost-size 720p
srbench leaderboard check
srbench leaderboard show --paper litenet2026 --table t1 --states
srbench audit litenet2026
srbench report litenet2026 --out site
