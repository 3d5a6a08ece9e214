"""A results folder as it is opened again: which one is meant, and what it holds."""

from nnsweep.folder.open import StoredSweep, asked
from nnsweep.folder.restore import completed, is_foreign
from nnsweep.folder.select import is_file, is_stored, names, select
from nnsweep.folder.skill import no_skill

__all__ = ["StoredSweep", "asked", "completed", "is_file", "is_foreign", "is_stored", "names", "no_skill", "select"]
