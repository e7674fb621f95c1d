"""Models: GAN, CycleGAN and Pix2Pix, and what they share."""
