"""How supply answers the demand plan: level, chase, optimal and the company's policy, under the same limits."""
