"""The supply programme: variables, constraints, objective, solver."""
