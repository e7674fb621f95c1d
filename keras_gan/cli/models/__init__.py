"""Trained and exported models, opened for the subcommands."""
