"""The models that `fit()` trains: GAN, CycleGAN and Pix2Pix."""
