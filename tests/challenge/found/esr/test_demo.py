import argparse
import glob
import os

import cv2
import torch
from fvcore.nn import FlopCountAnalysis

parser_default = "data"


def select_model(args, device):
    # Model ID is assigned in the order in which the submissions came in.
    model_id = args.model_id
    if model_id == 0:
        # baseline
        from models.team00_Plain import Plain
        name, data_range = f"{model_id:02}_Plain_baseline", 1.0
        model_path = os.path.join('model_zoo', 'team00_plain.pth')
        model = Plain()
        model.load_state_dict(torch.load(model_path), strict=True)
    elif model_id == 1:
        from models.team01_Wide import Wide
        name, data_range = f"{model_id:02}_Wide", 255.0
        model_path = os.path.join('model_zoo', 'team01_wide.pth')
        model = Wide(3, 12, blocks=2, upscale=4)
        model.load_state_dict(torch.load(model_path)['params_ema'], strict=True)
    elif model_id == 2:
        from models.team01_Wide import Wide
        name, data_range = f"{model_id:02}_WidePlain", 1.0
        model_path = os.path.join('model_zoo', 'team02_wide.pth')
        width = 4 * 5
        model = Wide(in_ch=3, width=width, blocks=1, upscale=4)
        checkpoint = torch.load(model_path, map_location=device)
        model.load_state_dict(checkpoint['params'], strict=True)
    elif model_id == 3:
        from models.team04_Small import Small
        name, data_range = f"{model_id:03}_[Small]", 1.0
        model = Small(width=9)
        state = torch.load('model_zoo/team03_small.pt')
        model.load_state_dict(state["model_state_dict"])
    elif model_id == 4:
        from models.team04_Small import Small
        name, data_range = f"{model_id:02}_Parallel", 1.0
        model = Small()
        state = torch.load(os.path.join('model_zoo', 'team04_small.pth'))
        model.load_state_dict({key.replace('module.', ''): value for key, value in state.items()}, strict=True)
    elif model_id == 5:
        from models.team05_Merge import Merge
        name, data_range = f"{model_id:02}_Merge", 1.0
        model = Merge()
        model.load_state_dict(torch.load(os.path.join('model_zoo', 'team05_merge.pth')), strict=True)
        model.fuse_all()
    elif model_id == 6:
        from models.team06_Tokens import Tokens
        name, data_range = f"{model_id:02}_Tokens", 1.0
        model_path = os.path.join('model_zoo', 'team06_tokens.pth')
        model = Tokens()
        model.load_state_dict(torch.load(model_path)["net"], strict=True)
    elif model_id == 7:
        from models.team07_Scan import Scan
        name, data_range = f"{model_id:02}_Scan", 1.0
        model_path = os.path.join('model_zoo', 'team07_scan.pth')
        model = Scan()
        model.load_state_dict(torch.load(model_path), strict=True)
    elif model_id == 8:
        from models.team04_Small import Small
        name, data_range = f"{model_id:02}_Incomplete", 1.0
        model_path = os.path.join('model_zoo', 'team08_incomplete.pth')
        model = Small(11)
        model.load_state_dict(torch.load(model_path), strict=False)
    elif model_id == 9:
        from models.team09_Builds.build import select_model as select_of_team
        name, data_range = f"{model_id:02}_Builds", 1.0
        model, model_path = select_of_team(args, device)
        model.load_state_dict(torch.load(model_path), strict=True)
    elif model_id == 10:
        from models.team10_Window import Window
        name, data_range = f"{model_id:02}_Window", 1.0
        model_path = os.path.join('model_zoo', 'team10_window.pth')
        model = Window(window_size=16)
        model.load_state_dict(torch.load(model_path), strict=True)
    elif model_id == 11:
        from models.team00_Plain import Plain
        name, data_range = f"{model_id:02}_Plain_again", 1.0
        model_path = os.path.join('model_zoo', 'team11_plain.pth')
        model = Plain().cuda()
        model.load_state_dict(torch.load(model_path), strict=True)
    elif model_id == 12:
        from models.team12_Options import Options
        name, data_range = f"{model_id:02}_Options", 1.0
        model_path = os.path.join('model_zoo', 'team12_options.pth')
        model = Options()
        model.load_state_dict(torch.load(model_path), strict=True)
    elif model_id == 13:
        pass  # ---- put your model here ----
    elif model_id == 14:
        from models.team14_Absent import Absent
        name, data_range = f"{model_id:02}_Absent", 1.0
        model = Absent()
        model.load_state_dict(torch.load(os.path.join('model_zoo', 'team14_absent.pth')), strict=True)
    elif model_id == 15:
        from models.team15_Coarse import Coarse
        name, data_range = f"{model_id:02}_Coarse", 1.0
        model = Coarse()
        model.load_state_dict(torch.load('model_zoo/team15_coarse.pth'), strict=True)
    else:
        raise NotImplementedError(f"Model {model_id} is not implemented.")

    model.eval()
    tile = None
    for _, v in model.named_parameters():
        v.requires_grad = False
    model = model.to(device)
    return model, name, data_range, tile


def main(args):
    for path in sorted(glob.glob(os.path.join(args.data_dir, "*.png"))):
        print(cv2.imread(path).shape, FlopCountAnalysis)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("challenge")
    parser.add_argument("--data_dir", default=parser_default)
    parser.add_argument("--model_id", default=0, type=int)
    main(parser.parse_args())
