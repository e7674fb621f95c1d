"""Runs requests on loaded models."""
