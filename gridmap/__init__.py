"""gridmap: supervise a city's air-pollution rules through a grid."""

__version__ = "0.1.0"
