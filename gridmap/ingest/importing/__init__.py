"""Bring ledgers in: judge every row, say what would change, then write all of it or nothing."""

from gridmap.ingest.importing.plan import ImportOptions, ImportPlan, plan_import
from gridmap.ingest.importing.write import apply_import, undo_import

__all__ = ["ImportOptions", "ImportPlan", "apply_import", "plan_import", "undo_import"]
