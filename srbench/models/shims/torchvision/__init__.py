"""Stand-in for torchvision: it can be imported; nothing of it can be used."""
