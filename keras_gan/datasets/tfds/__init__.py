"""Sets of TensorFlow Datasets: described, prepared within a bounded time, and read."""
