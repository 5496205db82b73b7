def zero_bias(net):
    for m in net.modules():
        if getattr(m, 'bias', None) is not None:
            m.bias.data.zero_()
