"""Every word (column) of the workbook, once: a word means one thing, in one unit, in every table that has it."""

from dataclasses import dataclass


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
    return _number(
        "ratio", meaning, 0.0, high, remedy="Write a share as a number from 0 to 1: 30 % is 0.3."
    )


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
    "day": _day("The day the row is about"),
    "weekday": _choice("The day of the week", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "hours": _number("hours", "Hours that the site works on such a day; 0 when it is closed", 0, 24),
    "submitted_on": _day("The day the input was given"),
    "entered_on": _day("The day the deal entered the stage for the first time"),
    "order_day": _day("The day the order is placed"),
    "due_day": _day("The day the goods are needed: the order, or what is made in the week"),
    "arrival_day": _day("The first day on which the goods can be there; after the day they are needed where the order is late"),
    "decided_on": _day("The day the choice was made"),
    "due_on": _day("The day by which the choice is to be carried out"),
    "lag": _whole("months", "Months between the plan and the month it forecast: 1 is the month after the cycle's data", 1),
    # people and words
    "function": _choice("The part of the company that speaks", "sales", "marketing", "finance", "product", "supply"),
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
    "salvage_value": _rate("What a unit still brings when it can no longer be sold at its price"),
    "min_lot": _volume("The smallest batch worth making: a month that makes any makes as much"),
    "setup_cost": _number("money per run", "Cost of setting up for a month that makes any", 0),
    "setup_hours": _hours("Regular hours that setting up takes in a month that makes any"),
    "working_days": _number("days", "Working days of the month, or of the week within its month", 0, 31),
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
    "lead_time_spread_days": _number("days", "Standard deviation of the lead time; 0 when empty", 0),
    "order_cost": _number("money per order", "Cost of placing and receiving one order, whatever its size; the set-up cost when empty", 0),
    "common_error_ratio": _ratio("The share of the forecast error's variance that coming months have in common; 0: months err independently"),
    "target_cover_months": _number("months", "How many months of coming demand stock should cover", 0),
    "max_cover_months": _number("months", "How many months of coming demand stock should cover at most", 0),
    "min_inventory": _volume("Stock may not plan to fall below this, even to serve customers"),
    "max_inventory": _volume("Stock should not plan to rise above this"),
    "ending_inventory": _volume("Stock that the horizon must end with, before customers are served from it"),
    "backlog_allowed": _flag("Whether customers wait; if not, an unmet unit is a lost sale"),
    "strategy": _choice("How supply follows demand; plan_of_record is the mix that supply_policy asks for, last_cycle makes what was last approved", "level", "chase", "optimal", "last_cycle", "plan_of_record"),
    "level_of": _choice("What a level strategy keeps steady: units made a working day, or only the workforce", "rate", "workforce"),
    "overtime_allowed": _flag("Whether overtime may be worked"),
    "subcontract_allowed": _flag("Whether units may be made outside; when empty, as the strategy does (level does not)"),
    "change_cost": _rate("Price of making one unit more or less than last approved, so that plans stay stable"),
    "to_site": _code("The plant or warehouse that the goods go to", *_SITES),
    "freight_cost": _rate("Cost of moving one unit from the site to the market"),
    "storage_limit": _volume("The most units the site can hold"),
    "rent_cost": _number("money per unit and month", "Cost of storing one unit above the limit", 0),
    "quantity_per_unit": _number("units per unit", "Units of the component in one unit of the product", 0),
    "lead_time_days": _number("days", "Days from order to delivery, weekends counted: 7 of them are 5 working days", 0),
    "unit_cost": _rate("Purchase price of one unit of the component"),
    "supply_limit": _volume("The most units the supplier delivers in a month"),
    "daily_demand": _number("units a day", "What the plan sends from the stock on an average day of the coming lead time", 0),
    "daily_deviation": _number("units a day", "Standard deviation of a day's demand", 0),
    "reorder_point": _volume("Stock and open orders at which more is ordered"),
    "order_quantity": _volume("How much is ordered at once"),
    "source": _text("Who fills the stock: own production, another site, or outside"),
    "milestone": _choice("What happens on the way to the market", "gate", "activity", "order", "production", "launch", "volume"),
    "state": _choice("Where it stands; late: it cannot be there in time, or should have happened already", "done", "planned", "open", "late", "failed"),
    "urgency": _choice("When it is done", "today", "tomorrow", "this week", "next week"),
    "action": _choice("What is done", "make", "transfer", "ship", "buy"),
    "from_place": _text("Who sends it: a site, a supplier or own production"),
    "to_place": _text("Where it goes: a site or a market"),
    "min_order": _volume("The smallest order the supplier takes"),
    "order_multiple": _volume("Orders come in multiples of this; any quantity when empty"),
    "makes": _flag("Whether the product can be made at the site"),
    "allocation": _choice("Who gets a product that is short: the first market by priority, all in proportion to what they ask, or where a unit earns most", "priority", "fair_share", "margin"),
    "priority": _whole("", "The market's turn when a product is short: 1 is served first", 1),
    # go-to-market
    "activity": _code("A campaign, promotion or price action", "activities"),
    "kind": _text("What sort of thing it is"),
    "cancelled": _flag("Whether it was called off, so that it brings nothing; no when empty"),
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
    "like_market": _code("The market whose sales of the like product show what to expect, and in which the replaced product loses; the launch's own when empty", "sales_history.market"),
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
    "horizon": _choice("How far the goal or the plan looks: years, months, or weeks and days", "strategic", "tactical", "operational"),
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
    "amount": _number("the column's unit, or a factor", "The number set, added or multiplied by; added to a month, so many months later"),
    "setting": _code("The choice, or true or false, that is set where a column holds no numbers"),
    "taken": _flag("Whether the plan is made under the scenario already, so that it is not offered or measured again"),
    # process
    "process": _code("A step of the planning process", "processes"),
    "input": _text("What the process needs"),
    "output": _text("What the process gives"),
    "means": _text("People and tools the process uses"),
    "control": _text("What keeps the process in order"),
    "criterion": _text("How one sees that it works"),
    "element": _choice("The element of the process that is shown", "input", "output", "means", "control", "criterion", "measure"),
    "score": _whole("1 to 7", "Agreement: 1 not at all, 7 fully", 1, 7),
    "meeting": _choice("The meeting of the planning cycle", "data_review", "product_review", "demand_review", "supply_review", "financial_review", "pre_sop", "executive_sop", "operations_plan", "process_review"),
    "planned_day": _day("The day the meeting was called for"),
    "held_on": _day("The day the meeting was held; empty if it was not, or not yet"),
    "produced": _volume("Units made in the month, as counted", remedy="Count what was made; what was sent back belongs to the stock."),
    "entry": _whole("", "The number of the entry in its cycle's record", 1),
    "act": _choice("What was done to a plan, or with its inputs", "read", "saved", "reworked", "submitted", "decided", "approved"),
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
    "opening_inventory": _volume("Stock at the start of the month, or of the week in tables by week"),
    "inventory": _volume("Stock at the end of the month"),
    "safety_stock": _volume("Stock held against uncertain demand"),
    "target_inventory": _volume("Stock wanted at the end of the month"),
    "cover_months": _number("months", "How many months of coming demand the stock covers", 0),
    "cover_days": _number("days", "How many working days the stock at the start of the week lasts at the month's pace, nothing made", 0),
    "work_hours": _hours("Hours of work that it takes, setting up included"),
    "sequence": _whole("", "The turn within the week: 1 is made first", 1),
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
    "late_days": _whole("days", "Days by which the order should have been placed before the first planned day", 0),
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
    "compared_with": _choice("What the plan or the forecast is held against", "budget", "last_year", "last_cycle", "unconstrained", "goal", "goal_path", "naive", "baseline"),
    "reference_value": _number("the measure's unit", "The value the plan is held against"),
    "gap": _number("the measure's unit", "Plan less reference"),
    "step": _choice("The step of the bridge", "budget", "volume", "mix", "price", "cost", "supply", "plan"),
    # results: review and decision
    "disagreement": _code("A place where two plans do not agree", "gaps"),
    "between": _choice("Whose plans disagree", "product", "demand", "supply", "finance", "goals"),
    "gap_units": _signed("Size of the disagreement in units"),
    "gap_value": _money("Size of the disagreement in money"),
    "shown_in": _text("Where it is seen: the stage, and the table or view of it that is shown there"),
    "gap_closed_ratio": _number("ratio", "Share of the disagreement that the scenario closes"),
    "revenue_effect": _money("Revenue of the scenario less that of the plan"),
    "margin_effect": _money("Margin of the scenario less that of the plan"),
    "adjustment": _code("What finance asks to change: demand inputs of one author and reason, or a scenario"),
    "cost_effect": _money("Cost of the scenario's supply less that of the plan"),
    "cash_effect": _money("Lowest cash of the scenario less that of the plan"),
    "because": _text("The limit whose worth the scenario changes most: what one more unit of it would save"),
    "inventory_effect": _money("Highest stock value of the scenario less that of the plan"),
    "service_effect": _number("ratio", "Service level of the scenario less that of the plan"),
    "expected_effect": _money("Probability times margin effect"),
    "recommended": _flag("Whether it is the proposal put to the executives"),
    "decision": _code("A decision that is asked for"),
    "options": _text("What can be chosen"),
    "recommendation": _text("What the planners propose"),
    "choice": _text("What was chosen"),
    "effect": _text("What the choice does to the plan"),
    "settled_by": _choice("The meeting that settles it: what a lower one can settle goes no higher", "working group", "department heads", "executives"),
    "topic": _text("What is talked about"),
    "order_number": _code("The number of the order"),
    "minutes": _whole("minutes", "Time set aside", 1),
    # results: the process
    "serves": _text("The decision that the measure serves"),
    "trend": _text("Which way it went over the last twelve months, or since the cycle before, in words"),
    "met": _flag("Whether the value is on the good side of its target"),
    "shown": _flag("Whether there is evidence in this cycle"),
    "pieces": _whole("", "How many pieces of evidence there are in this cycle", 0),
    "last_shown": _period("The last earlier cycle with evidence"),
    "clause": _text("The clause of ISO 9001:2015"),
    "shown_ratio": _ratio("The share of what the clause asks for that is shown"),
    "lacking": _text("What is not shown"),
    "agreeing_ratio": _ratio("The share of answers that agree: a score of 5, 6 or 7"),
    "mean_score": _number("1 to 7", "The mean of the scores", 1, 7),
    "respondents": _whole("", "How many people answered", 1),
    "other_function": _choice("The part of the company it is held against", "sales", "marketing", "finance", "product", "supply"),
    "difference_ratio": _number("ratio", "The share of the first that agrees less that of the second"),
    "chance_ratio": _ratio("How likely chance alone makes differences as large somewhere among all that were compared"),
    "told": _flag("Whether the difference is more than chance makes"),
}
# fmt: on

MEASURES_SPOKEN = {  # measures whose name says less than these words
    "quantity": "units sold", "service_level_ratio": "demand met in time", "max_inventory_planned": "highest stock, units",
    "max_inventory_value": "highest stock value", "max_backlog": "highest backlog, units", "min_cash": "lowest cash",
    "max_utilisation_ratio": "use of the fullest resource",
}  # fmt: skip
