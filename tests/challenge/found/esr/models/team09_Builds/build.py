import os
import subprocess
import sys

from models.team04_Small import Small


def select_model(args, device):
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    model = Small(10)
    return model, os.path.join("model_zoo", "team09_builds.pth")
