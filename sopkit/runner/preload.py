"""What every notebook imports: loaded once, before kernels are forked."""

import statsmodels.api  # noqa: F401

import sopkit.reporting.notebook_output  # noqa: F401
