"""What sound is everywhere in here: float32 samples of one channel at 16 kHz, between -1 and 1."""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
Samples = NDArray[np.float32]
