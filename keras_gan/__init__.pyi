from . import callbacks as callbacks
from . import datasets as datasets
from . import export as export
from . import images as images
from . import latent as latent
from . import losses as losses
from . import networks as networks
from . import presets as presets
from . import serving as serving
from .gan import GAN as GAN

__version__: str
