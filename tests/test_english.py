"""The words people read are the field's: wordings that were replaced do not come back."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OLD = {  # an old wording : what is written instead
    "Held against": "vs.", "held against": "compared with", "How far the plan is from": "Plan vs.", "Sold, units": "Sales volume",
    "Demand met in time": "On-time fill rate", "demand met in time": "on-time fill rate", "least in {": "low: ... in",
    "Highest stock value": "Peak inventory value", "Lowest cash": "Minimum cash balance", "Decisions asked for": "Decisions required",
    "wins the margin back": "recover the margin", "can be recommended by its figures": "No option recommended",
    "is wanted. What is done": "vs. target", "or is it given up": "drop the target", "less cover of all": "Cut target cover",
    "and demand needs": "required vs. available", "units wanted cannot be delivered": "units will be late",
    "or which customers wait": "allocate", "the one plan of the company": "Approve the plan", "listed risks together": "probability-weighted",
    "Nothing grave": "No critical data issues", "should be known": "findings", "could not be sold": "added for stock-outs",
    "will not come again": "one-off order", "wrong, odd or missing": "Data quality findings",
    "Prices, costs, places and days": "Master data", "Demand as it was": "Historical demand", "could be had": "Availability",
    "nothing had to be assumed": "no defaults applied", "none of them is erratic": "XYZ class", "through all gates": "open stage gates",
    "replaced or phased out lose": "phase-outs remove", "Where attention belongs": "Products requiring attention",
    "nobody did anything special": "Statistical baseline", "most of the change comes from": "the largest driver is",
    "made it worse": "less accurate than", "Skill or noise": "Statistical significance", "told from noise": "not significant",
    "records earn": "Performance-based weights", "work without use": "does not add value", "per cent on the price": "Price elasticity",
    "tell nothing": "no significant estimate", "Stated chances": "CRM win probabilities", "Another view": "Enter an override",
    "Stock that is wanted": "Inventory targets", "carry the demand plan": "Rough-cut capacity",
    "that the demand plan needs": "Load as % of available capacity", "units are never delivered": "units of lost sales",
    "with the most in": "peaking in", "are made on top": "", "units outside": "subcontracted", "off and takes": "layoffs",
    "stands back": "is cut", "stand back": "is cut", "the most wanted": "maximum", "stock wanted": "target", "middle draw": "median",
    "of 10 draws": "80 % range", "expected to be out": "stock-out probability", "most at risk is": "highest stock-out risk",
    "still be promised": "Available to promise", "can be promised": "available to promise", "holds the plan back": "binding",
    "wholly recovers": "recovers", "cannot be made without": "exposed to", "made outside": "subcontracted", "bought outside": "subcontracting",
    "Cost beyond standard": "Variances to standard cost", "keep our promises": "meet budget and targets",
    "what supply leaves out": "unconstrained plan", "gives the most": "adds the most", "takes the most": "reduces it most",
    "finance asks to change": "Finance adjustments", "Margin less fixed cost": "Operating profit (EBIT)", "Margin of revenue": "Gross margin %",
    "Demand that is wanted": "Unconstrained demand", "Arriving, ordered before": "Scheduled receipts", "too old to be sold": "Expired",
    "still say the saved plan": "Check: workbook matches saved plan", "Where the plans disagree": "Gap log", "count disagreement": "gaps",
    "ways were planned again": "options evaluated", "each way would do": "Option impact", "What could be done": "Options",
    "What may happen": "Scenarios, risks and opportunities", "Who settles what": "Escalation and agendas", "gravest": "largest",
    "Which risks are hedged": "mitigated", "Whose view of demand": "Which forecast do we adopt", "business on one screen": "KPI dashboard",
    "How we did": "Performance vs. target", "What earlier decisions did": "Decision follow-up", "done to this plan": "Approval history",
    "Scenarios, vulnerabilities": "Scenarios, risks", "stated, not credited": "without attributing cause", "send back": "reject",
    "choices made above": "decisions above", "Who works when": "Labour schedule", "comes late or too little": "Shortages",
    "From years to days": "Horizon reconciliation", "is sent where": "Shipping plan", "is ordered from whom": "Purchase orders",
    "is fullest": "load peaks", "the fullest is": "the highest load is", "product} in turns": "Sequence on",
    "below its smallest lot": "minimum lot size", "there when production needs": "available when required",
    "calendar kept\"": "calendar adherence", "margin per stock\"": "GMROI", "how right the consensus": "forecast accuracy",
    "A cycle changes": "Plan change vs. prior cycle", "have evidence in this cycle": "evidenced", "told from chance": "significant",
    "more than chance": "significant", "Nothing is turned": "No changes", "Turned:": "Changed:", "safety stock aims at": "Target service level",
    "use of the fullest": "Peak utilisation", "plan as it is": "base plan", "lives as long as its kernel": "Re-run this cell",
    "Back to the plan": "Reset", "This cannot be planned": "Infeasible input", "before the executives": "Submit",
    "Hold revision": "Compare two revisions", "Seal the plan": "Approve and lock", "Re-hash every": "Verify integrity",
    "look at the guards": "triggers", "Go on after": "Resume after", "no choice changes the plan": "nothing to rework",
    "Returns belong in their own column": "gross sales", "what the meetings need": "S&OP pack", "who did what and why": "audit trail",
    "hold one revision": "compare revisions", "did not end well": "failed or aborted", "As with nothing installed": "Try it on Binder",
    "mailed away cannot know": "is not updated", "Type the code anew": "Retype the code", "bring such characters": "hidden characters",
    "Mend ": "Fix", "remove the tables you do not use": "delete unused sheets",
}  # fmt: skip
READ = [
    path
    for pattern in (
        "sopkit/**/*.py", "sopkit/**/*.csv", "sopkit/**/*.toml", "sopkit/reporting/templates/*.j2", "notebooks/*.ipynb",
        "README.md", "docs/*.md",
    )
    for path in ROOT.glob(pattern)
]  # fmt: skip


@pytest.fixture(scope="module")
def texts():
    return {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in READ}


@pytest.mark.parametrize("old", OLD, ids=lambda old: old.strip())
def test_an_old_wording_does_not_come_back(old, texts):
    found = [str(path) for path, text in texts.items() if old in text]
    assert found == [], f"write {OLD[old]!r}"
