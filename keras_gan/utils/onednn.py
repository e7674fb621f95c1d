"""TensorFlow's oneDNN kernels, which it uses on some processors by default."""


def onednn_is_on() -> bool:
    """Return `True` if TensorFlow runs its oneDNN kernels in this process. It imports TensorFlow."""
    from tensorflow.python.util import _pywrap_util_port  # TensorFlow has no public function for it

    return bool(_pywrap_util_port.IsMklEnabled())
