from . import animation as animation
from . import augmentations as augmentations
from . import callbacks as callbacks
from . import credentials as credentials
from . import datasets as datasets
from . import export as export
from . import images as images
from . import latent as latent
from . import layers as layers
from . import losses as losses
from . import metrics as metrics
from . import networks as networks
from . import penalties as penalties
from . import plots as plots
from . import presets as presets
from . import schedules as schedules
from . import serving as serving
from .models.cyclegan import CycleGAN as CycleGAN
from .models.discriminator_features import discriminator_features as discriminator_features
from .models.gan import GAN as GAN
from .models.inversion import invert as invert
from .models.pix2pix import Pix2Pix as Pix2Pix

__version__: str
