from archs import define


def net(scale=4):
    return define('One', scale=scale)
