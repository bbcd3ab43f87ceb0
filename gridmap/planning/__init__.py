"""Planning: what planners ask of a draft before it is law."""
