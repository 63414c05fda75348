"""The names and titles of the stages, in order; what each computes is in `sopkit.cycle.stages`."""

TITLES = {
    "10_data_review": "Data review",
    "20_product_review": "Product review",
    "30_demand_review": "Demand review",
    "40_supply_review": "Supply review",
    "50_financial_review": "Financial review",
    "60_pre_sop": "Pre-S&OP",
    "70_executive_sop": "Executive S&OP",
    "80_operations_plan": "Operations plan",
    "90_process_review": "Process review",
}
STAGE_NAMES = tuple(TITLES)
EXECUTIVE = "70_executive_sop"  # the stage whose report is a pack of its own
BASE = "base"  # the scenario that changes nothing: the base plan


def refuse_unknown_stage(name: str) -> None:
    """Refuse a name that no stage has.

    Raises
    ------
    ValueError : the known names are listed.
    """
    if name not in STAGE_NAMES:
        raise ValueError(f"{name!r} is not a stage; the stages are {', '.join(STAGE_NAMES)}")
