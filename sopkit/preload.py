"""What every notebook imports: loaded once, before kernels are forked."""

import statsmodels.api  # noqa: F401

import sopkit.notebook
import sopkit.report  # noqa: F401
