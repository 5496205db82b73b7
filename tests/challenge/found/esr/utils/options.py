import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--width", type=int, default=12)
args = parser.parse_args()
