"""Streams of random numbers in one training step, for `AdversarialModel.step_seed`.

Stream 0 samples z. A new stream takes a number above `PENALTIES_OF_G`, to which the generator's turn is added too.
"""

PENALTIES_OF_D = 1
AUGMENTATION_OF_D = 2
AUGMENTATION_OF_G = 3  # plus the generator's turn
PENALTIES_OF_G = 2**15  # plus the generator's turn
