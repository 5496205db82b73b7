factor = 4
