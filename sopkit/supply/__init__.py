"""Supply planning: level, chase, optimal and the policy's mix, under the same constraints."""
