"""What is rounding and no quantity: units, hours or money below these."""

MATERIAL = 0.5  # less is no finding: nothing is called late, short or changed by it
ROUNDING = 1e-6  # less is what the solver and sums of floats leave, and is taken for zero
