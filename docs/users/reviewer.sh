#!/bin/sh
# table.csv is a table as a paper prints it. Do its marks and costs agree with its digits?
set -eu
srbench audit table.csv
