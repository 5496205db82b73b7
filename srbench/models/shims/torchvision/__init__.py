"""Stand-in for torchvision: deformable convolution; nothing else of it can be used."""
