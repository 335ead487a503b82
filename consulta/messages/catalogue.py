"""Every message: importing this module registers what the modules of this folder write."""

import importlib
import pkgutil

from consulta import messages
from consulta.messages.registry import MESSAGES, UnknownMessage, find_message

for _module in pkgutil.iter_modules(messages.__path__, f"{messages.__name__}."):
    if _module.name != __name__:
        importlib.import_module(_module.name)

__all__ = ["MESSAGES", "UnknownMessage", "find_message"]
