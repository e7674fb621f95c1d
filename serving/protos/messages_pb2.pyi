from typing import Any

# protoc writes types too, but they are longer than all other files of this folder.
def __getattr__(name: str) -> Any: ...
