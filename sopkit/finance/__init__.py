"""The financial plan: P&L, cash, variances and goals."""
