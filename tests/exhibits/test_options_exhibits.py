"""Exhibits of options: the search, decisions side by side, the frontier, and what limits are worth."""

from looking import drawn, frame, rows, table, texts

from sopkit.reporting.exhibits import options
from sopkit.tables import empty

EFFECTS = (
    "revenue_effect | margin_effect | cash_effect | inventory_effect | closing_inventory_effect |"
    " backlog_effect | headcount_effect | service_effect"
)
FOUND = table(
    "decision_options",
    f"""decision | scenario | statement | gap_closed_ratio | {EFFECTS} | allowed | recommended
       d | chosen | Add a shift | 0.9 | 0 | 50 | 0 | 0 | 0 | 0 | 0 | 0 | true | true
       d | free | Wait | 0.2 | 0 | 5 | 0 | 0 | 0 | 0 | 0 | 0 | true | false
       d | dear | Buy outside | 1.0 | 0 | -100 | 0 | 0 | 0 | 0 | 0 | 0 | true | false""",
)


def test_options_are_compared_and_the_recommended_one_is_named():
    shown = options.options(FOUND)
    assert shown.headline == (
        "3 options were planned, 1 recommended; the best changes margin by +50: Add a shift."
    )
    (ax,) = drawn(shown.chart)
    assert rows(ax) == ["Add a shift", "Wait", "Buy outside"]
    assert texts(ax)[0] == "recommended, closes 90 %"
    assert "scenario" not in shown.table


def test_where_no_option_is_recommended_it_is_said_why():
    found = FOUND.assign(recommended=False, note=None)
    said = {
        "none adds to the margin": {"margin_effect": -5.0},
        "none is recommended: those that add to the margin depend on a judgement": {
            "note": "supposed"
        },
        "none is recommended: those that add to the margin break a binding goal": {
            "allowed": False
        },
        "none is recommended": {"allowed": True},
    }
    for why, changed in said.items():
        told = options.options(found.assign(**changed)).headline
        assert told == f"3 options were planned; {why}."
    nothing = options.options(empty("decision_options"))
    assert nothing.headline == "No change of the inputs was found that could close a gap."
    assert nothing.chart.empty


def test_each_option_that_was_tried_has_a_row():
    changes = frame(
        """gap | scenario | statement
           a | shift | Add a shift
           a | shift | Add a shift
           a | price | Ask more"""
    )
    assert list(options.proposals(changes).table["scenario"]) == ["shift", "price"]


TRIED = table(
    "tried_options",
    """scenario | gap | statement | moves | outcome | allowed | best | note
       shift | a | Add a shift | 1 | planned | true | true |
       stock | a | Hold more | 1 | planned | true | true |
       price | a | Ask more | 1 | planned | true | false | reaction of customers or suppliers
       idle | b | Do nothing | 1 | without effect | true | false |
       later | b | Wait | 1 | not tried | false | false |
       shift+stock | a | Add a shift; Hold more | 2 | planned | true | true |""",
)


def test_the_search_says_what_it_planned_and_what_it_did_not_try():
    shown = options.tried(TRIED)
    assert shown.headline == (
        "4 moves and 1 combination were planned; 1 of them had no effect; 1 move was not tried, for the "
        "what-ifs were used up."
    )
    assert list(shown.table["statement"])[:3] == [
        "Add a shift",
        "Hold more",
        "Add a shift; Hold more",
    ]
    assert list(shown.table["statement"])[-1] == "Wait"


MEASURED = table(
    "gap_options",
    f"""gap | scenario | statement | gap_closed_ratio | {EFFECTS}
       a | shift | Add a shift | 0.5 | 0 | 50 | 0 | 10 | 0 | 0 | 3 | 0.01
       a | stock | Hold more | 0.5 | 0 | 20 | 0 | 30 | 0 | 0 | 4 | 0.01
       a | price | Ask more | 0.5 | 0 | 900 | 0 | 0 | 0 | 0 | 0 | 0
       a | shift+stock | Add a shift; Hold more | 0.5 | 0 | 65 | 0 | 40 | 0 | 0 | 3 | 0.02""",
)


def test_on_the_frontier_no_plan_is_better_in_everything():
    """Holding more earns less than a shift, with more stock and people and no better service."""
    shown = options.frontier(TRIED, MEASURED)
    assert list(shown.table["statement"]) == ["Add a shift; Hold more", "Add a shift"]
    assert shown.headline == (
        "2 plans are on the frontier; the recommended one is on it because none within the binding "
        "goals earns more: margin +65, peak inventory +40, headcount +3 and fill rate +2.0 points."
    )
    assert list(shown.table["option"]) == [1, 2]
    (ax,) = drawn(shown.chart)
    assert texts(ax) == [
        "1 recommended: fill rate +2.0 points, people +3",
        "2: fill rate +1.0 points, people +3",
        "base plan",
    ]
    assert ax.get_xlabel() == "change of peak inventory at cost"
    assert ax.get_ylabel() == "money, change of margin"
    marks = [line for line in ax.get_lines() if line.get_marker() == "D"]
    assert [(*mark.get_xdata(), *mark.get_ydata()) for mark in marks] == [(40, 65)]
    frontier = next(line for line in ax.get_lines() if line.get_drawstyle() == "steps-post")
    assert frontier.get_xydata().tolist() == [[0, 0], [10, 50], [40, 65]]
    dots = next(line for line in ax.get_lines() if line.get_xydata().tolist() == [[30, 20]])
    assert dots.get_linestyle() == "None"


def test_a_recommended_plan_that_does_not_earn_most_says_what_the_others_give_up():
    """More margin is to be had for more stock alone: people and service are better there."""
    dear = MEASURED.assign(
        margin_effect=MEASURED["margin_effect"].mask(MEASURED["scenario"] == "shift+stock", 45)
    )
    shown = options.frontier(TRIED, dear)
    assert shown.headline.startswith(
        "2 plans are on the frontier; the recommended one is on it because the one with more "
        "margin has a lower fill rate: margin +45"
    )


def test_where_nothing_was_tried_the_frontier_says_so():
    assert options.frontier(TRIED.head(0), MEASURED).headline == "No option was tried."
    outside = TRIED.assign(allowed=False)
    assert (
        options.frontier(outside, MEASURED).headline == "No option keeps within the binding goals."
    )
    judged = options.frontier(TRIED.assign(note="supposed"), MEASURED)
    assert judged.headline == "No option is on the frontier: each depends on a judgement."


def test_the_worth_of_a_limit_is_what_lifting_it_adds():
    worth = table(
        "limit_worth",
        """constraint | item | one_unit_effect | whole_effect | scenario
           material | VALVE-7 | 155 | 56893 | x
           max workers | TENT-LINE | 28876 | 140125 | y""",
    )
    shown = options.limits(worth)
    assert shown.headline == (
        "Without the limit of max workers of TENT-LINE margin changes by +140 k, with one more in "
        "every month by +28.9 k, to the same closing stock."
    )
    assert list(shown.table["item"]) == ["TENT-LINE", "VALVE-7"]


def test_the_register_shows_each_assumption_with_what_it_rules_out():
    known = table(
        "assumptions",
        """assumption | statement | owner | family | valid_from | valid_to
           valves | No second source is released | Silva | stoves | 2026-10 | 2027-09
           winter | The winter is mild | Conti | clothing | 2026-10 | 2027-03""",
    )
    against = TRIED.assign(
        note=TRIED["note"].replace("reaction of customers or suppliers", "valves")
    )
    shown = options.assumption_register(against, known)
    assert shown.headline == (
        "2 assumptions hold; winter ends first, in Mar 2027; 1 option is measured and not "
        "recommended because of them."
    )
    assert list(shown.table["statement"]) == ["The winter is mild", "No second source is released"]
    assert shown.table["options"].iloc[1] == "Ask more"
    assert options.assumption_register(TRIED).headline == "No assumption is documented."
