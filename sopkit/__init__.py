"""sopkit: a planning workbook for sales & operations planning."""

import pandas as pd

# Most tables hold a few thousand rows and are planned again for every what-if: with text as Python's own strings a plan
# takes a third less time than with Arrow's, and a large company's takes the same (docs/adr/0016).
pd.set_option("mode.string_storage", "python")
