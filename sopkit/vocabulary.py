"""Every word (column) and every table of the workbook, once.

A word means one thing, in one unit, in every table that has it. A table is a list of words: its key, the columns
it must have and those it may have. The pandera model of a table, the data dictionary, the template workbook and all
checks are made from these two lists.
"""

from dataclasses import dataclass, field
from functools import cache

import pandera.pandas as pa


@dataclass(frozen=True)
class Word:
    """What a column holds: its kind, unit, meaning and limits."""

    kind: str  # code, text, choice, number, whole, flag, period, day
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()  # tables, any of which must know the value
    remedy: str = ""


def _code(meaning, *refers_to):
    return Word("code", meaning, refers_to=refers_to)


def _text(meaning):
    return Word("text", meaning)


def _choice(meaning, *choices):
    return Word("choice", meaning, choices=choices)


def _number(unit, meaning, low=None, high=None, remedy=""):
    return Word("number", meaning, unit, low, high, remedy=remedy)


def _volume(meaning, low=0.0, remedy=""):
    return _number("units", meaning, low, remedy=remedy)


def _signed(meaning):
    return _number("units", meaning)


def _money(meaning, low=None):
    return _number("money", meaning, low)


def _rate(meaning, low=0.0):
    return _number("money per unit", meaning, low)


def _hours(meaning, low=0.0):
    return _number("hours", meaning, low)


def _ratio(meaning, high=1.0):
    return _number("ratio", meaning, 0.0, high, remedy="Write a share as a number from 0 to 1: 30 % is 0.3.")


def _whole(unit, meaning, low=None, high=None):
    return Word("whole", meaning, unit, low, high)


def _flag(meaning):
    return Word("flag", meaning)


def _period(meaning):
    return Word("period", meaning, "month", remedy="Write a month as 2026-10.")


def _day(meaning):
    return Word("day", meaning, "date", remedy="Write a date as 2026-10-31.")


_SITES = ("inventory", "resources", "lanes")
_MARKETS = ("sales_history", "launches", "lanes")
_RETURNS = "Returns belong in their own column; put the gross demand here."

WON, LOST = "won", "lost"  # the stages of a closed deal

# fmt: off
WORDS = {
    # what, where, when
    "product": _code("The item that is planned, made and sold", "products"),
    "family": _code("The group of products that is planned and reviewed together", "products"),
    "market": _code("The region or channel where demand is seen", *_MARKETS),
    "site": _code("The plant or warehouse that makes or holds a product", *_SITES),
    "resource": _code("The line, cell or crew that makes products", "resources"),
    "component": _code("The bought or made part that goes into a product", "components", "products"),
    "period": _period("The calendar month the row is about"),
    "from_period": _period("The first month the row holds for"),
    "to_period": _period("The last month the row holds for"),
    "start_period": _period("The first month of the activity"),
    "end_period": _period("The last month of the activity"),
    "launch_period": _period("The first month of sale"),
    "effective_from": _period("The month from which these economics hold"),
    "valid_from": _period("The first month the assumption covers"),
    "valid_to": _period("The last month the assumption covers"),
    "cycle": _period("The month in which the plan is made; it is also the first planned month"),
    "month_number": _whole("", "1 for the first planned month, 2 for the next", 1),
    "week": _day("The Monday on which the week starts; a week cut by a month's end has a row in each month"),
    "day": _day("The working day"),
    "submitted_on": _day("The day the input was given"),
    "entered_on": _day("The day the deal entered the stage for the first time"),
    "order_day": _day("The day the order is placed"),
    "due_day": _day("The day the goods are needed"),
    "decided_on": _day("The day the choice was made"),
    "due_on": _day("The day by which the choice is to be carried out"),
    "lag": _whole("months", "Months between the plan and the month it forecast: 1 is the month after the cycle's data", 1),
    # people and words
    "function": _choice("The part of the company that speaks", "sales", "marketing", "finance", "product"),
    "author": _text("Who made the entry"),
    "owner": _text("Who answers for it"),
    "responsible": _text("Who carries the order out"),
    "reason": _text("Why"),
    "note": _text("A remark"),
    "statement": _text("The thing said, in one sentence"),
    "respondent": _code("Who answered the survey"),
    "question": _text("The question the meeting must answer"),
    "description": _text("What the product is, in words"),
    "reference": _text("Where the evidence can be found"),
    "supplier": _text("Who delivers the component"),
    "basis": _text("What the number rests on"),
    # products and markets
    "unit_of_measure": _text("The product's unit: piece, pair, kg"),
    "lifecycle": _choice("Where the product stands in its life", "launch", "growth", "mature", "decline", "phase_out"),
    "shelf_life_months": _number("months", "How long the product can be kept", 0),
    "shelf_life_days": _number("days", "How long the component can be kept", 0),
    "quantity": _volume("How many units the row is about", remedy=_RETURNS),
    "revenue": _money("Sales value"),
    "in_stock_ratio": _ratio("The share of the month in which the product could be had"),
    "revenue_share_ratio": _ratio("The product's share of the company's revenue in the last twelve months"),
    "variation_ratio": _number("ratio", "What seasonality and level leave unexplained: error of a seasonal naive forecast / mean", 0),
    "abc": _choice("Class by money: A the first 80 % of revenue, B the next 15 %, C the rest", "A", "B", "C"),
    "xyz": _choice("Class by forecastability: X steady, Y variable, Z erratic", "X", "Y", "Z"),
    "review": _flag("Whether people should look at it this month"),
    # supply
    "on_hand": _volume("Stock at the start of the first planned month"),
    "opening_workers": _number("workers", "Workers before the first planned month", 0),
    "regular_wage": _number("money per hour", "Pay of a regular hour", 0),
    "overtime_wage": _number("money per hour", "Pay of an overtime hour", 0),
    "hire_cost": _number("money per worker", "Cost of hiring one worker", 0),
    "layoff_cost": _number("money per worker", "Cost of laying one worker off", 0),
    "min_workers": _number("workers", "The fewest workers the resource can run with", 0),
    "max_workers": _number("workers", "The most workers the resource can hold", 0),
    "whole_workers": _flag("Whether workers come only as whole persons"),
    "hours_per_unit": _number("hours per unit", "Labour (or machine) hours one unit takes", 0),
    "routing_step": _whole("", "The step of making: a product passes every step, each on one of the resources that can do it; all in one when empty", 1),
    "variable_cost": _rate("Cost of making one unit beside labour and material"),
    "min_lot": _volume("The smallest batch worth making: a month that makes any makes as much"),
    "setup_cost": _number("money per run", "Cost of setting up for a month that makes any", 0),
    "setup_hours": _hours("Regular hours that setting up takes in a month that makes any"),
    "working_days": _number("days", "Working days of the month", 0, 31),
    "regular_hours_per_worker": _hours("Paid regular hours of one worker in the month"),
    "overtime_hours_per_worker": _hours("The most overtime one worker may work in the month"),
    "machine_hours": _hours("Hours the machine can run in the month, whoever is there"),
    "price": _rate("Net selling price of one unit"),
    "material_cost": _rate("Material in one unit"),
    "holding_cost": _number("money per unit and month", "Cost of holding one unit for a month", 0),
    "backlog_cost": _number("money per unit and month", "Cost of delivering one unit a month late", 0),
    "lost_sale_cost": _rate("Cost of a unit never delivered, beside its lost price"),
    "subcontract_cost": _rate("Price of one unit made outside, material included"),
    "subcontract_limit": _volume("The most units a month that can be bought outside"),
    "service_level": _ratio("The wanted chance that a month ends without stock-out"),
    "fill_rate": _ratio("The wanted share of demand that is delivered from stock; where it is given, it goes before service_level"),
    "common_error_ratio": _ratio("The share of the forecast error's variance that coming months have in common; 0: months err independently"),
    "target_cover_months": _number("months", "How many months of coming demand stock should cover", 0),
    "max_cover_months": _number("months", "How many months of coming demand stock should cover at most", 0),
    "min_inventory": _volume("Stock may not plan to fall below this, even to serve customers"),
    "max_inventory": _volume("Stock should not plan to rise above this"),
    "ending_inventory": _volume("Stock that the horizon must end with, before customers are served from it"),
    "backlog_allowed": _flag("Whether customers wait; if not, an unmet unit is a lost sale"),
    "strategy": _choice("How supply follows demand; policy is the mix that supply_policy asks for, last_cycle makes what was last approved", "level", "chase", "optimal", "last_cycle", "policy"),
    "level_of": _choice("What a level strategy keeps steady: units made a working day, or only the workforce", "rate", "workforce"),
    "overtime_allowed": _flag("Whether overtime may be worked"),
    "subcontract_allowed": _flag("Whether units may be made outside; when empty, as the strategy does (level does not)"),
    "change_cost": _rate("Price of making one unit more or less than last approved, so that plans stay stable"),
    "to_site": _code("The plant or warehouse that the goods go to", *_SITES),
    "freight_cost": _rate("Cost of moving one unit from the site to the market"),
    "storage_limit": _volume("The most units the site can hold"),
    "rent_cost": _number("money per unit and month", "Cost of storing one unit above the limit", 0),
    "quantity_per_unit": _number("units per unit", "Units of the component in one unit of the product", 0),
    "lead_time_days": _number("days", "Days from order to delivery", 0),
    "unit_cost": _rate("Purchase price of one unit of the component"),
    "supply_limit": _volume("The most units the supplier delivers in a month"),
    "min_order": _volume("The smallest order the supplier takes"),
    "makes": _flag("Whether the product can be made at the site"),
    "allocation": _choice("Who gets a product that is short: the first market by priority, all in proportion to what they ask, or where a unit earns most", "priority", "fair_share", "margin"),
    "priority": _whole("", "The market's turn when a product is short: 1 is served first", 1),
    # go-to-market
    "activity": _code("A campaign, promotion or price action", "activities"),
    "kind": _text("What sort of thing it is"),
    "spend": _money("What the activity costs", 0),
    "reach": _number("people", "People the activity reaches", 0),
    "response_ratio": _ratio("Share of those reached who become an opportunity"),
    "win_ratio": _ratio("Share of opportunities that are won"),
    "units_per_win": _number("units", "Units sold in one won opportunity", 0),
    "lag_months": _number("months", "Months from the activity to the sale", 0),
    "opportunity": _code("A single deal in the sales pipeline", "opportunities"),
    "probability": _ratio("The chance that it happens"),
    "stage": _text("How far the deal has come; won and lost are the stages of a closed deal"),
    "won_ratio": _ratio("Share of the closed deals that entered the stage and were won, drawn to that of all closed deals when few"),
    "source_activity": _code("The activity the deal came from", "activities"),
    "launch": _code("A product's start in a market", "launches"),
    "like_product": _code("The older product whose first months show what to expect", "products"),
    "volume_ratio": _number("ratio", "Expected volume as a share of the like product's", 0),
    "ramp_months": _whole("months", "Months until the full volume is reached", 1),
    "replaces_product": _code("The product that the launch replaces", "products"),
    "cannibalisation_ratio": _ratio("The share of the launch's volume taken from the replaced product"),
    "gate_demand": _choice("Whether demand review has passed the launch", "passed", "open", "failed"),
    "gate_supply": _choice("Whether supply review has passed the launch", "passed", "open", "failed"),
    "gate_finance": _choice("Whether finance review has passed the launch", "passed", "open", "failed"),
    "readiness": _choice("What the three gates say together", "ready", "conditional", "not_ready"),
    "weight": _ratio("How much of the function's difference to the baseline is taken"),
    # goals and money
    "margin": _money("Revenue less cost of sales"),
    "goal": _code("A target the company has set itself"),
    "measure": _text("What is measured, by the name of its column"),
    "target": _number("the measure's unit", "The value wanted"),
    "direction": _choice("Which side of the target is good", "at_least", "at_most"),
    "horizon": _choice("How far the goal looks", "strategic", "tactical"),
    "receivable_days": _number("days", "Days until customers pay", 0),
    "payable_days": _number("days", "Days until suppliers are paid", 0),
    "opening_cash": _money("Cash before the first planned month"),
    "fixed_cost": _number("money per month", "Cost of a month that no volume changes", 0),
    "currency": _text("The company's one currency"),
    "horizon_months": _whole("months", "How many months are planned", 1, 60),
    "group_products_from": _whole("products", "From how many products on supply is planned by groups of products that are made alike; 2000 when empty", 1),
    "assumption": _code("Something the plan takes as true", "assumptions"),
    # risks and scenarios
    "risk": _code("Something that may happen to the plan"),
    "risk_kind": _choice("Whether it would hurt or help", "vulnerability", "opportunity"),
    "scenario": _code("The name of a set of changes to the input tables"),
    "change": _whole("", "The number of the change within its scenario", 1),
    "table": _code("The name of a table"),
    "column": _code("The name of a column"),
    "operation": _choice("What is done with the amount", "set", "add", "multiply"),
    "amount": _number("the column's unit, or a factor", "The number set, added or multiplied by"),
    # process
    "process": _code("A step of the planning process", "processes"),
    "input": _text("What the process needs"),
    "output": _text("What the process gives"),
    "means": _text("People and tools the process uses"),
    "control": _text("What keeps the process in order"),
    "criterion": _text("How one sees that it works"),
    "element": _choice("The element of the process that is shown", "input", "output", "means", "control", "criterion"),
    "score": _whole("1 to 7", "Agreement: 1 not at all, 7 fully", 1, 7),
    # results: data
    "issue": _whole("", "The number of the finding", 1),
    "severity": _choice("How much it matters to the plan", "high", "medium", "low"),
    "place": _text("Where: the row's key"),
    "finding": _text("What was found"),
    "treatment": _text("What the plan does about it"),
    "cleaned": _volume("Demand as it would have been without stock-outs, promotions and one-off events"),
    "correction": _signed("Cleaned less sold"),
    "value": _number("the measure's unit", "The value measured"),
    # results: demand
    "baseline": _volume("What would sell if nobody did anything special"),
    "low": _volume("The lower end of the 80 % interval"),
    "high": _volume("The upper end of the 80 % interval"),
    "method": _text("How the forecast was made"),
    "launch_demand": _signed("Units a launch adds, or takes from the product it replaces"),
    "activity_demand": _signed("Units that activities add"),
    "opportunity_demand": _volume("Probability-weighted units of the sales pipeline not counted elsewhere"),
    "override": _signed("Units that the functions' inputs add or take"),
    "consensus": _volume("The demand everyone plans with"),
    "lift_ratio": _number("ratio", "Extra demand as a share of the baseline"),
    "standard_error": _number("ratio", "Uncertainty of the lift", 0),
    "contributor": _text("Who forecast: naive, baseline, a function, consensus"),
    "level": _choice("How finely the error is measured", "product", "family", "total"),
    "item": _text("The product, family, resource or thing the row is about"),
    "wape": _number("ratio", "Sum of absolute errors / sum of actual demand", 0),
    "bias": _number("ratio", "Sum of (forecast - actual) / sum of actual: above 0 is over-forecast"),
    "mase": _number("ratio", "Mean absolute error / that of a seasonal naive forecast within history", 0),
    "tracking_signal": _number("ratio", "Running sum of (actual - forecast) / mean absolute error"),
    "value_added": _number("ratio", "WAPE of what must be beaten (naive by the baseline, the baseline by all others) less one's own: above 0 helps"),
    "observations": _whole("", "How many months were compared", 0),
    "verdict": _choice("What the record tells", "helps", "hurts", "not told from noise"),
    "reconciliation": _choice("How forecasts of products are made to agree with those of their families", "bottom-up", "top-down", "weighted least squares", "MinT-shrink"),
    "family_wape": _number("ratio", "WAPE of the families' sums", 0),
    "total_wape": _number("ratio", "WAPE of the total", 0),
    "gain_ratio": _number("ratio", "Bottom-up's WAPE less one's own, averaged over products and family, then over the families: above 0 helps"),
    "low_ratio": _number("ratio", "The lower end of the 95 % interval"),
    "high_ratio": _number("ratio", "The upper end of the 95 % interval"),
    "families": _whole("", "How many families were compared", 0),
    "chosen": _flag("Whether the plan uses it"),
    # results: supply
    "demand": _volume("Demand put on supply"),
    "regular": _volume("Units made in regular time"),
    "overtime": _volume("Units made in overtime"),
    "subcontract": _volume("Units made outside"),
    "receipts": _volume("Units already ordered that arrive"),
    "shipped": _volume("Units sent to markets"),
    "transferred": _volume("Units sent from one site to another"),
    "transferred_in": _volume("Units that come from other sites"),
    "transferred_out": _volume("Units that go to other sites"),
    "wasted": _volume("Units thrown away because they can no longer be sold"),
    "runs": _number("runs", "Production runs set up in the month", 0),
    "optimality_gap_ratio": _number("ratio", "By how much a plan in whole workers and lots may cost more than the best there is", 0),
    "opening_inventory": _volume("Stock at the start of the month"),
    "inventory": _volume("Stock at the end of the month"),
    "safety_stock": _volume("Stock held against uncertain demand"),
    "target_inventory": _volume("Stock wanted at the end of the month"),
    "cover_months": _number("months", "How many months of coming demand the stock covers", 0),
    "shortfall": _volume("Units by which stock misses its target"),
    "excess": _volume("Units of stock above the most that is wanted"),
    "stock_position": _choice("Where stock stands: below safety stock, below its target, in its band, or above the most that is wanted", "below_safety", "below_target", "in_band", "above_max"),
    "stock_out_probability": _ratio("The chance that a month ends with demand unmet"),
    "unmet": _volume("Units owed or lost at the end of the month, on average over the draws"),
    "inventory_low": _volume("Stock at the end of the month that is not reached in one draw of ten"),
    "inventory_median": _volume("Stock at the end of the month that half of the draws reach"),
    "inventory_high": _volume("Stock at the end of the month that is passed in one draw of ten"),
    "service_low_ratio": _ratio("Units delivered in the month they were wanted / units wanted, not reached in one draw of ten"),
    "served": _volume("Units delivered to the market"),
    "backlog": _volume("Units owed to customers at the end of the month"),
    "lost_sales": _volume("Units that will never be delivered"),
    "workers": _number("workers", "Workers employed in the month", 0),
    "hired": _number("workers", "Workers hired at the start of the month", 0),
    "laid_off": _number("workers", "Workers laid off at the start of the month", 0),
    "regular_hours": _hours("Regular hours worked"),
    "overtime_hours": _hours("Overtime hours worked"),
    "capacity_hours": _hours("Hours the resource can give"),
    "required_hours": _hours("Hours the demand plan would need"),
    "regular_capacity_hours": _hours("Hours the resource can give in regular time"),
    "overtime_capacity_hours": _hours("Hours the resource can give on top, in overtime"),
    "utilisation_ratio": _number("ratio", "Hours used / hours available", 0),
    "cost_item": _text("What the money is spent on"),
    "cost": _money("Cost"),
    "service_level_ratio": _ratio("Units delivered in the month they were wanted / units wanted"),
    "max_inventory_planned": _volume("The highest total stock of the plan"),
    "below_target": _number("unit-months", "Units below target stock, added up over the months", 0),
    "max_backlog": _volume("The highest total backlog of the plan"),
    "max_hours_planned": _hours("The most hours worked in a month of the plan"),
    "months_short": _whole("months", "Months in which anything is late or lost", 0),
    "constraint": _text("Which limit"),
    "limit": _number("the limit's unit", "What the limit allows", 0),
    "used": _number("the limit's unit", "What the plan takes of it", 0),
    "saving": _money("What the plan would cost less"),
    "group": _text("The products that are planned as one"),
    "standard_units": _number("ratio", "Standard units of its group that one unit of the product is: what it takes of hours", 0),
    "made": _volume("Units made and bought outside over all planned months"),
    "made_alone": _volume("Units made and bought outside when the product is planned by itself"),
    "made_otherwise": _volume("Units made in another month or not at all when the product is planned by itself"),
    "late_months": _number("unit-months", "Units owed or lost at the end of a month, added up over the months", 0),
    "late_months_alone": _number("unit-months", "Units owed or lost when the product is planned by itself, added up over the months", 0),
    "stock_months": _number("unit-months", "Units in stock at the end of a month, added up over the months", 0),
    "stock_months_alone": _number("unit-months", "Units in stock when the product is planned by itself, added up over the months", 0),
    "cost_alone": _money("Cost when the product is planned by itself"),
    "recovered": _signed("Units that would no longer be late or lost"),
    "levelling_cost": _money("Cost of the stock that lets the rate stay the same", 0),
    "chasing_cost": _money("Cost of hiring and laying off that lets the rate follow demand", 0),
    "preferred": _choice("Which of the two costs less", "level", "chase"),
    "marginal_value": _number("money per unit of the limit", "What one more unit of the limit would save", 0),
    "required": _volume("Units of the component that production needs"),
    "ordered": _volume("Units ordered in the month"),
    "received": _volume("Units that arrive in the month"),
    "shortage": _volume("Units needed that cannot be had in time"),
    "late": _volume("Units delivered after the month they were wanted in, or not yet"),
    "supplied": _volume("Units that come in: made, bought outside or already ordered"),
    "booked": _volume("Units that customers have ordered for the month; overdue orders count in the first"),
    "available_to_promise": _volume("Units that come in and are not needed for booked orders, of this month or later ones"),
    "cumulative_available": _volume("Units that can be promised up to the month's end"),
    "overpromised": _volume("Units booked up to the month's end beyond all that will be there"),
    "components_supplied": _whole("components", "How many components come from the supplier", 0),
    "products_dependent": _whole("products", "How many products need a component of the supplier", 0),
    "spend_ratio": _ratio("The supplier's share of all that is spent on components"),
    "dependent_revenue": _money("Planned revenue of the products that cannot be made without the supplier", 0),
    "dependent_ratio": _ratio("The share of all planned revenue that cannot be made without the supplier"),
    "shortage_cost": _money("The most that is missing at a month's end, at purchase price", 0),
    # results: finance
    "cost_of_sales": _money("Material, labour, making, freight and outside cost of the units sold"),
    "inventory_value": _money("Stock at cost"),
    "collections": _money("Cash received from customers"),
    "payments": _money("Cash paid out"),
    "receivables": _money("What customers owe at the end of the month"),
    "payables": _money("What is owed to suppliers at the end of the month"),
    "cash": _money("Cash at the end of the month"),
    "plan": _number("the measure's unit", "The plan's value"),
    "compared_with": _choice("What the plan or the forecast is held against", "budget", "last_year", "last_cycle", "unconstrained", "goal", "naive", "baseline"),
    "reference_value": _number("the measure's unit", "The value the plan is held against"),
    "gap": _number("the measure's unit", "Plan less reference"),
    "step": _choice("The step of the bridge", "budget", "volume", "mix", "price", "cost", "supply", "plan"),
    # results: review and decision
    "disagreement": _code("A place where two plans do not agree", "gaps"),
    "between": _choice("Whose plans disagree", "product", "demand", "supply", "finance", "goals"),
    "gap_units": _signed("Size of the disagreement in units"),
    "gap_value": _money("Size of the disagreement in money"),
    "gap_closed_ratio": _number("ratio", "Share of the disagreement that the scenario closes"),
    "revenue_effect": _money("Revenue of the scenario less that of the plan"),
    "margin_effect": _money("Margin of the scenario less that of the plan"),
    "inventory_effect": _money("Highest stock value of the scenario less that of the plan"),
    "service_effect": _number("ratio", "Service level of the scenario less that of the plan"),
    "expected_effect": _money("Probability times margin effect"),
    "recommended": _flag("Whether it is the proposal put to the executives"),
    "decision": _code("A decision asked of the executives"),
    "options": _text("What can be chosen"),
    "recommendation": _text("What the planners propose"),
    "choice": _text("What was chosen"),
    "effect": _text("What the choice does to the plan"),
    "topic": _text("What is talked about"),
    "order_number": _code("The number of the order"),
    "minutes": _whole("minutes", "Time set aside", 1),
}
# fmt: on


@dataclass(frozen=True)
class Table:
    """A table: what it says, its key and columns, and what is assumed when it is absent.

    `rules` hold between columns: ("one_of", a, b) one must be filled; ("ordered", a, b) a comes not after b;
    ("not_above", a, b) a is not more than b; ("above_zero", a) a is more than nothing;
    ("every_month", ...) no month may be missing between the first and last of each such key; ("reserved", a, word) a may
    not be that word.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    absent: str = ""
    rules: tuple[tuple[str, ...], ...] = ()
    narrows: dict = field(default_factory=dict, hash=False)  # word -> choices allowed here
    references: dict = field(default_factory=dict, hash=False)  # word -> tables that must know it here
    is_input: bool = True

    @property
    def columns(self):
        """Every column, in file order: the key, then the rest."""
        return tuple(dict.fromkeys(self.key + self.required + self.optional))

    @property
    def must_have(self):
        """Columns whose every cell must be filled."""
        return tuple(c for c in self.columns if c not in self.optional)


def _table(name, meaning, key, required="", optional="", absent="", **more):
    return Table(
        name, meaning, *(tuple(words.split()) for words in (key, required, optional)), absent, **more
    )


def _plan(name, meaning, key, required="", optional="", **more):
    return _table(name, meaning, key, required, optional, is_input=False, **more)


# fmt: off
INPUT_TABLES = (
    _table("products", "What the company plans", "product", "family unit_of_measure", "description lifecycle shelf_life_months", rules=(("reserved", "family", "all"),)),
    _table("sales_history", "What was sold, month by month", "product market period", "quantity", "revenue", rules=(("every_month", "product", "market"),)),
    _table("inventory", "Stock at the start of the cycle", "product site", "on_hand", absent="No opening stock is known: every product starts from zero, so the first month must make all it sells."),
    _table("resources", "Who and what makes products", "resource", "site opening_workers regular_wage overtime_wage hire_cost layoff_cost", "min_workers max_workers whole_workers", absent="No resources are known: capacity is unlimited and labour costs nothing.", rules=(("not_above", "min_workers", "max_workers"),), references={"site": ()}),
    _table("routings", "Which resource makes which product, and how fast", "product resource", "hours_per_unit", "routing_step variable_cost min_lot setup_cost setup_hours", absent="No routings are known: making a product takes no capacity.", rules=(("above_zero", "hours_per_unit"),)),
    _table("resource_calendar", "How much each resource can work", "resource period", "working_days regular_hours_per_worker overtime_hours_per_worker", "machine_hours", absent="No calendar is known: each worker gives 8 hours on every weekday and no overtime."),
    _table("economics", "Price and costs of a product", "product effective_from", "price material_cost holding_cost backlog_cost", "lost_sale_cost subcontract_cost subcontract_limit", absent="No economics are known: the price is last year's revenue per unit (1 if no revenue is known), material costs nothing, holding a unit costs 2 % and delivering it a month late 10 % of the price."),
    _table("inventory_policy", "How much stock is wanted", "product site", "", "site service_level target_cover_months min_inventory max_inventory ending_inventory backlog_allowed fill_rate lead_time_days max_cover_months common_error_ratio", absent="No stock policy is known: safety stock is kept for a 95 % service level over one month, and customers wait for late units."),
    _table("supply_policy", "Which supply strategy a family follows", "family", "strategy author reason", "level_of overtime_allowed subcontract_allowed change_cost", absent="No supply policy is known: every family follows the optimal (least-cost) plan.", narrows={"strategy": ("level", "chase", "optimal")}),
    _table("allocation_policy", "Who gets the products of a family when they are short", "family", "allocation author reason", absent="No allocation policy is known: when a product is short, markets share it in proportion to what they ask for."),
    _table("market_priorities", "Whose turn it is when a product is short", "market family", "priority author reason", "family", absent="No market priorities are known: where priority decides, all markets are equal and share in proportion."),
    _table("booked_orders", "What customers have ordered already", "product market period", "quantity", absent="No booked orders are known: nothing is promised yet, so all stock and supply can be promised."),
    _table("lanes", "Which site serves which market", "site market", "freight_cost", absent="No lanes are known: every site serves every market, free of freight.", references={"site": (), "market": ("sales_history", "launches")}),
    _table("transfer_lanes", "Which site can supply which other site", "site to_site", "freight_cost", absent="No transfer lanes are known: sites do not supply one another.", references={"site": (), "to_site": ()}),
    _table("storage", "How much a site can hold", "site", "storage_limit", "rent_cost", absent="No storage limits are known: sites hold any amount."),
    _table("receipts", "Finished goods already on order", "product site period", "quantity", absent="No open receipts are known: nothing is on its way."),
    _table("availability", "In which months a product could be had", "product market period", "in_stock_ratio", absent="No availability is known: every sale is taken as the whole demand."),
    _table("activities", "Campaigns, promotions and price actions", "activity", "kind market start_period end_period spend", "family product reach response_ratio win_ratio units_per_win lag_months", absent="No activities are known: history holds no promotions and none are planned.", rules=(("one_of", "family", "product"), ("ordered", "start_period", "end_period"))),
    _table("opportunities", "Deals in the sales pipeline", "opportunity", "product market period quantity probability stage owner", "source_activity", absent="No sales pipeline is known: no single deals are planned."),
    _table("stage_history", "When deals of the sales pipeline entered each stage", "opportunity stage", "entered_on", absent="No stage history is known: win rates are measured by owner, not by stage."),
    _table("launches", "New products and markets", "launch", "product market launch_period like_product volume_ratio ramp_months gate_demand gate_supply gate_finance", "replaces_product cannibalisation_ratio", absent="No launches are known: the range stays as it is.", references={"market": ("sales_history", "lanes")}),
    _table("demand_inputs", "What sales, marketing, finance and product expect", "function product market period", "quantity author reason submitted_on", "assumption", absent="No function has given its view: the consensus is the baseline with what is planned on top."),
    _table("consensus_policy", "How much each function's view counts", "function", "weight author reason", absent="No consensus policy is known: functions weigh by their past accuracy beside the baseline's; without a record those who spoke share equally."),
    _table("bill_of_materials", "What goes into a product", "product component", "quantity_per_unit", absent="No bill of materials is known: components never limit production.", references={"product": ("products", "components")}),
    _table("components", "Parts, their suppliers and limits", "component", "supplier lead_time_days unit_cost on_hand", "supply_limit min_order shelf_life_days", absent="No components are known: nothing needs to be procured.", references={"component": ()}),
    _table("budget", "The annual operating plan", "family period", "quantity revenue margin", absent="No budget is known: the plan is held against last year."),
    _table("goals", "What strategy wants", "goal", "measure from_period to_period target direction horizon owner", "family", absent="No goals are known: none are checked.", rules=(("ordered", "from_period", "to_period"),)),
    _table("terms", "Payment terms and horizon of the company (one row)", "currency", "receivable_days payable_days opening_cash fixed_cost", "horizon_months group_products_from", absent="No terms are known: 18 months are planned, everyone pays at once, cash starts at zero, there are no fixed costs, and from 2,000 products on supply is planned by groups."),
    _table("assumptions", "What the plan takes as true", "assumption", "statement owner valid_from valid_to", "family", absent="Nobody has written down assumptions.", rules=(("ordered", "valid_from", "valid_to"),)),
    _table("risks", "What may happen to the plan", "risk", "risk_kind statement probability scenario owner", absent="No risks are listed.", references={"scenario": ("scenario_changes",)}),
    _table("scenario_changes", "Named changes to input tables", "scenario change", "table column operation amount", "family product market resource from_period to_period note", absent="No scenarios are defined: only the base plan is made."),
    _table("processes", "The planning process, step by step", "process", "owner input output means control criterion measure target", absent="The process is not described."),
    _table("evidence", "Proof that a process ran", "process element cycle", "reference", "value", absent="No evidence is collected."),
    _table("balance_survey", "What people think of the process", "respondent item", "function score", absent="No survey was taken."),
    _table("approved_supply_plans", "What earlier approved cycles planned to make", "cycle product site period", "regular overtime subcontract", absent="No approved supply plan is known: the plan is not held against the last one."),
    _table("approved_plans", "What earlier cycles forecast, by contributor", "cycle contributor product market period", "quantity", absent="No earlier plans are known: accuracy is measured by forecasting the past again."),
    _table("decision_log", "What the executives chose in this cycle and in earlier ones", "cycle decision", "question choice author reason decided_on", "scenario owner due_on margin_effect", absent="No choices are known: every decision is open."),
    _table("expected_effects", "What each choice was expected to do, measured by replanning when it was made", "cycle decision measure family period", "reference_value plan", absent="No expected effects are known: what earlier decisions did is not measured."),
)

PLAN_TABLES = (
    _plan("horizon", "The months that are planned", "period", "month_number"),
    _plan("data_issues", "What is wrong, odd or missing in the inputs", "issue", "severity table finding treatment", "column place"),
    _plan("unit_economics", "Price and costs of each product in each planned month", "product period", "price material_cost holding_cost backlog_cost basis", "lost_sale_cost subcontract_cost subcontract_limit"),
    _plan("network", "Which site serves which market, and at what freight", "site market", "freight_cost"),
    _plan("product_sites", "Where each product is held and made", "product site", "on_hand makes"),
    _plan("demand_history", "Demand as it was and as it would have been", "product market period", "quantity cleaned correction", "reason"),
    _plan("kpis", "How the company did", "measure period", "statement", "value target"),
    _plan("segments", "Which products deserve attention", "product", "family revenue revenue_share_ratio abc xyz lifecycle review reason", "variation_ratio"),
    _plan("launch_plan", "What launches add and take", "launch product market period", "launch_demand readiness basis"),
    _plan("baseline_forecast", "The statistical forecast", "product market period", "baseline low high method"),
    _plan("reconciliation_scores", "How well each way of making products and families agree would have forecast the last year", "reconciliation", "families chosen", "wape family_wape total_wape gain_ratio low_ratio high_ratio reason"),
    _plan("opportunity_plan", "What each deal of the pipeline adds", "opportunity", "product market period quantity probability opportunity_demand treatment", "stage won_ratio"),
    _plan("activity_lift", "What activities bring", "activity product market period", "activity_demand lift_ratio basis", "standard_error"),
    _plan("demand_overrides", "What each function's input changes", "function product market period", "quantity weight override author reason", "submitted_on assumption"),
    _plan("demand_plan", "The consensus demand plan and its parts", "product market period", "baseline launch_demand activity_demand opportunity_demand override consensus low high"),
    _plan("forecast_accuracy", "How good forecasts were, and who made them better", "contributor level item lag", "wape bias observations", "mase tracking_signal value_added"),
    _plan("forecast_value_added", "Who is told from noise: error taken away product by product, with a 95 % interval", "contributor lag", "compared_with value_added observations verdict", "low_ratio high_ratio"),
    _plan("inventory_targets", "Stock that the policy asks for", "product site period", "safety_stock target_inventory max_inventory"),
    _plan("rough_cut_capacity", "Whether resources can carry the demand plan", "resource period", "required_hours capacity_hours utilisation_ratio", "regular_capacity_hours overtime_capacity_hours"),
    _plan("resource_load", "Which products make the load of a resource", "resource product period", "family required_hours"),
    _plan("supply_plan", "What is made, shipped and stored", "product site period strategy", "opening_inventory regular overtime subcontract receipts shipped inventory target_inventory", "transferred_in transferred_out wasted runs cover_months"),
    _plan("shipments", "What each site sends to each market", "product site market period strategy", "shipped"),
    _plan("transfers", "What each site sends to other sites", "product site to_site period strategy", "transferred cost"),
    _plan("service_plan", "What markets get of what they ask", "product market period strategy", "demand served backlog lost_sales"),
    _plan("market_shares", "Who gets the products that are short, in the months they are short", "product market", "family allocation demand late lost_sales service_level_ratio reason", "priority"),
    _plan("available_to_promise", "What can still be promised to customers", "product period", "supplied booked available_to_promise cumulative_available overpromised"),
    _plan("workforce_plan", "Who works how much", "resource period strategy", "workers hired laid_off regular_hours overtime_hours capacity_hours utilisation_ratio"),
    _plan("strategy_comparison", "What each strategy costs", "strategy cost_item", "cost"),
    _plan("strategy_service", "What each strategy gives", "strategy", "cost service_level_ratio max_inventory_planned max_backlog below_target", "max_hours_planned months_short optimality_gap_ratio"),
    _plan("constraint_values", "What one more unit of each scarce thing is worth", "constraint item period strategy", "limit used marginal_value"),
    _plan("group_check", "What planning by groups changes: a sample of products, planned by themselves as well", "product", "group standard_units made made_alone made_otherwise late_months late_months_alone stock_months stock_months_alone cost cost_alone"),
    _plan("constraint_relief", "What lifting each limit wholly would bring", "constraint item period", "saving recovered"),
    _plan("strategy_preference", "What levelling and chasing each family's swing would cost", "family", "levelling_cost chasing_cost preferred statement", "strategy"),
    _plan("inventory_plan", "Where projected stock stands against its band", "product site period", "inventory safety_stock target_inventory max_inventory shortfall excess stock_position", "cover_months"),
    _plan("stock_risk", "What may happen to each stock when demand differs from the plan and supply stays as planned", "product site period", "stock_out_probability service_level_ratio unmet inventory_low inventory_median inventory_high"),
    _plan("service_risk", "What may happen to all stocks together when demand differs from the plan and supply stays as planned", "period", "service_level_ratio service_low_ratio unmet inventory_low inventory_median inventory_high"),
    _plan("procurement_plan", "What is bought", "component period", "required ordered received inventory shortage cost", "supply_limit"),
    _plan("costs_incurred", "What the plan of record spends, by the product that causes it", "product period cost_item", "cost"),
    _plan("supplier_exposure", "How much of the plan rests on each supplier", "supplier", "components_supplied cost spend_ratio products_dependent dependent_revenue dependent_ratio shortage_cost"),
    _plan("financial_plan", "The plan in money", "family period", "quantity revenue cost_of_sales margin inventory_value"),
    _plan("cash_plan", "What the plan does to cash", "period", "collections payments receivables payables inventory_value cash"),
    _plan("plan_gaps", "Plan against budget, last year, last cycle and goals", "compared_with measure item period", "plan reference_value gap"),
    _plan("bridge", "From budget to plan, step by step", "measure family step", "amount"),
    _plan("gaps", "Where plans disagree", "disagreement", "between statement gap_units gap_value owner question from_period to_period", "family product resource"),
    _plan("proposed_changes", "Scenarios that could close each gap", "scenario change", "disagreement table column operation amount statement", "family product market resource from_period to_period"),
    _plan("strategies", "What each scenario would do, measured by replanning", "disagreement scenario", "statement gap_closed_ratio revenue_effect margin_effect inventory_effect service_effect recommended"),
    _plan("scenario_comparison", "Every defined scenario beside the plan without it, measured by replanning", "scenario measure", "plan reference_value gap"),
    _plan("risk_scenarios", "What each risk would do, measured by replanning", "risk", "risk_kind statement scenario probability revenue_effect margin_effect expected_effect owner"),
    _plan("decisions", "What the executives must decide", "decision", "question options recommendation effect owner", "choice disagreement scenario margin_effect"),
    _plan("decision_results", "What earlier decisions were expected to do by now, and what happened", "cycle decision measure family", "from_period to_period reference_value plan statement", "value"),
    _plan("agenda", "The meeting, point by point", "topic", "minutes owner question"),
    _plan("weekly_plan", "The approved months as weeks", "product site period week", "working_days regular overtime subcontract receipts transferred_in shipped transferred_out wasted inventory"),
    _plan("daily_plan", "The first weeks as days", "product site day", "regular overtime subcontract receipts transferred_in shipped transferred_out wasted"),
    _plan("work_schedule", "Who works when", "resource period week", "working_days workers regular_hours overtime_hours"),
    _plan("replenishment_orders", "What is sent where", "order_number", "product site market quantity order_day responsible"),
    _plan("procurement_orders", "What is ordered from whom", "order_number", "component supplier quantity order_day due_day cost responsible"),
)
# fmt: on

TABLES = {table.name: table for table in INPUT_TABLES + PLAN_TABLES}
DIMENSIONS = frozenset(word for table in TABLES.values() for word in table.key)  # words that tell rows apart


def dtype(table, column):
    """The pandas dtype of a column in a table."""
    word, filled = WORDS[column], column in table.must_have
    if word.kind == "whole":
        return "int64" if filled else "float64"
    if word.kind == "flag":
        return "bool" if filled else "boolean"
    return {"number": "float64", "period": "period[M]", "day": "datetime64[us]"}.get(word.kind, "str")


def choices(table, column):
    """The values a choice column may hold in a table."""
    return table.narrows.get(column, WORDS[column].choices)


@cache
def model(name):
    """The pandera model of a table: types, filled cells, limits, key."""
    table = TABLES[name]
    return pa.DataFrameSchema(
        {column: _column(table, column) for column in table.columns},
        name=name,
        description=table.meaning,
        unique=list(table.key),
        strict=True,
        ordered=True,
    )


def _column(table, column):
    word = WORDS[column]
    checks = []
    if word.low is not None:
        checks.append(pa.Check.ge(word.low))
    if word.high is not None:
        checks.append(pa.Check.le(word.high))
    if word.choices:
        checks.append(pa.Check.isin(choices(table, column)))
    return pa.Column(
        dtype(table, column),
        checks,
        nullable=column not in table.must_have,
        title=word.unit,
        description=word.meaning,
    )
