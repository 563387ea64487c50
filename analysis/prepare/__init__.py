"""One door: any source layer becomes a canonical layer; nothing gets lost unseen."""

from .mapping import Mapping, mapping_for
from .roles import ROLES
from .run import Prepared, prepare

__all__ = ["ROLES", "Mapping", "Prepared", "mapping_for", "prepare"]
