"""Every table of the workbook, once: a list of words, its key, the columns it must have and those it may have.

The pandera model of a table, the data dictionary, the template workbook and all checks are made from these tables and
from `words`.
"""

from dataclasses import dataclass, field
from functools import cache

import pandera.pandas as pa

from sopkit.words import WORDS

PLAN_OF_RECORD = "plan_of_record"  # the strategy that is carried out
_PLANNERS = ("sales", "marketing", "finance", "product")  # the functions that forecast
WORKPLACES = (*WORDS["site"].refers_to, "components.supplier")  # where people work


@dataclass(frozen=True)
class Table:
    """A table: what it says, its key and columns, and what is assumed when it is absent.

    `rules` hold between columns: ("one_of", a, b) one must be filled; ("ordered", a, b) a comes not after b;
    ("not_above", a, b) a is not more than b; ("above_zero", a) a is more than nothing;
    ("one_row", a) there is one row; ("every_month", ...) no month may be missing between the first and last of each such key; ("reserved", a, word) a may
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
    references: dict = field(
        default_factory=dict, hash=False
    )  # word -> tables that must know it here
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
        name,
        meaning,
        *(tuple(words.split()) for words in (key, required, optional)),
        absent,
        **more,
    )


def _plan(name, meaning, key, required="", optional="", **more):
    return _table(name, meaning, key, required, optional, is_input=False, **more)


# fmt: off
INPUT_TABLES = (
    _table("products", "What the company plans", "product", "family unit_of_measure", "description lifecycle shelf_life_months salvage_value", rules=(("reserved", "family", "all"),)),
    _table("sales_history", "What was sold, month by month", "product market period", "quantity", "revenue", rules=(("every_month", "product", "market"),)),
    _table("inventory", "Stock at the start of the cycle", "product site", "on_hand", absent="No opening stock is known: every product starts from zero, so the first month must make all it sells."),
    _table("resources", "Who and what makes products", "resource", "site opening_workers regular_wage overtime_wage hire_cost layoff_cost", "min_workers max_workers whole_workers", absent="No resources are known: capacity is unlimited and labour costs nothing.", rules=(("not_above", "min_workers", "max_workers"),), references={"site": ()}),
    _table("routings", "Which resource makes which product, and how fast", "product resource", "hours_per_unit", "routing_step variable_cost min_lot setup_cost setup_hours", absent="No routings are known: making a product takes no capacity.", rules=(("above_zero", "hours_per_unit"),)),
    _table("resource_calendar", "How much each resource can work", "resource period", "working_days regular_hours_per_worker overtime_hours_per_worker", "machine_hours", absent="No calendar is known: each worker gives 8 hours on every weekday and no overtime."),
    _table("opening_hours", "On which weekdays a site (or a supplier) works, and how long; weekdays left out are closed", "site weekday", "hours", absent="No opening hours are known: every site works 8 hours from Monday to Friday, every supplier on the same days.", references={"site": WORKPLACES}),
    _table("closures", "Days on which a site or a supplier is closed: holidays, stock-taking, repairs", "site day", "reason", absent="No closures are known: no holiday or other day off is taken out of the calendar.", references={"site": WORKPLACES}),
    _table("economics", "Price and costs of a product", "product effective_from", "price material_cost holding_cost backlog_cost", "lost_sale_cost subcontract_cost subcontract_limit", absent="No economics are known: the price is last year's revenue per unit (1 if no revenue is known), material costs nothing, holding a unit costs 2 % and delivering it a month late 10 % of the price."),
    _table("inventory_policy", "How much stock is wanted", "product site", "", "site service_level target_cover_months min_inventory max_inventory ending_inventory backlog_allowed fill_rate lead_time_days max_cover_months common_error_ratio lead_time_spread_days order_cost", absent="No stock policy is known: safety stock is kept for a 95 % service level over one month, customers wait for late units, and what is reordered is there after a week."),
    _table("supply_policy", "Which supply strategy a family follows", "family", "strategy author reason", "level_of overtime_allowed subcontract_allowed change_cost", absent="No supply policy is known: every family follows the optimal (least-cost) plan.", narrows={"strategy": ("level", "chase", "optimal")}),
    _table("allocation_policy", "Who gets the products of a family when they are short", "family", "allocation author reason", absent="No allocation policy is known: when a product is short, markets share it in proportion to what they ask for."),
    _table("market_priorities", "Whose turn it is when a product is short", "market family", "priority author reason", "family", absent="No market priorities are known: where priority decides, all markets are equal and share in proportion."),
    _table("booked_orders", "What customers have ordered already", "product market period", "quantity", absent="No booked orders are known: nothing is promised yet, so all stock and supply can be promised."),
    _table("lanes", "Which site serves which market", "site market", "freight_cost", absent="No lanes are known: every site serves every market, free of freight.", references={"site": (), "market": ("sales_history", "launches")}),
    _table("transfer_lanes", "Which site can supply which other site", "site to_site", "freight_cost", absent="No transfer lanes are known: sites do not supply one another.", references={"site": (), "to_site": ()}),
    _table("storage", "How much a site can hold", "site", "storage_limit", "rent_cost", absent="No storage limits are known: sites hold any amount."),
    _table("receipts", "Finished goods already on order", "product site period", "quantity", absent="No open receipts are known: nothing is on its way."),
    _table("availability", "In which months a product could be had", "product market period", "in_stock_ratio", absent="No availability is known: every sale is taken as the whole demand."),
    _table("activities", "Campaigns, promotions and price actions", "activity", "kind market start_period end_period spend", "family product reach response_ratio win_ratio units_per_win lag_months cancelled", absent="No activities are known: history holds no promotions and none are planned.", rules=(("one_of", "family", "product"), ("ordered", "start_period", "end_period"))),
    _table("opportunities", "Deals in the sales pipeline", "opportunity", "product market period quantity probability stage owner", "source_activity", absent="No sales pipeline is known: no single deals are planned."),
    _table("stage_history", "When deals of the sales pipeline entered each stage", "opportunity stage", "entered_on", absent="No stage history is known: win rates are measured by owner, not by stage."),
    _table("launches", "New products and markets", "launch", "product market launch_period like_product volume_ratio ramp_months gate_demand gate_supply gate_finance", "like_market replaces_product cannibalisation_ratio", absent="No launches are known: the range stays as it is.", references={"market": ("sales_history", "lanes")}),
    _table("demand_inputs", "What sales, marketing, finance and product expect", "function product market period", "quantity author reason submitted_on", "assumption", absent="No function has given its view: the consensus is the baseline with what is planned on top.", narrows={"function": _PLANNERS}),
    _table("consensus_policy", "How much each function's view counts", "function", "weight author reason", absent="No consensus policy is known: functions weigh by their past accuracy beside the baseline's; without a record those who spoke share equally.", narrows={"function": _PLANNERS}),
    _table("bill_of_materials", "What goes into a product", "product component", "quantity_per_unit", absent="No bill of materials is known: components never limit production.", references={"product": ("products", "components")}),
    _table("components", "Parts, their suppliers and limits", "component", "supplier lead_time_days unit_cost on_hand", "supply_limit min_order order_multiple shelf_life_days", absent="No components are known: nothing needs to be procured.", references={"component": ()}),
    _table("component_receipts", "Components on order already", "component due_day", "quantity", "supplier order_number", absent="No open purchase orders are known: no component is on its way."),
    _table("budget", "The annual operating plan", "family period", "quantity revenue margin", absent="No budget is known: the plan is held against last year."),
    _table("goals", "What strategy wants", "goal", "measure from_period to_period target direction horizon owner", "family", narrows={"horizon": ("strategic", "tactical")}, absent="No goals are known: none are checked.", rules=(("ordered", "from_period", "to_period"),)),
    _table("terms", "Payment terms and horizon of the company (one row)", "currency", "receivable_days payable_days opening_cash fixed_cost", "horizon_months group_products_from", absent="No terms are known: 18 months are planned, everyone pays at once, cash starts at zero, there are no fixed costs, and from 2,000 products on supply is planned by groups.", rules=(("one_row", "currency"),)),
    _table("assumptions", "What the plan takes as true", "assumption", "statement owner valid_from valid_to", "family", absent="Nobody has written down assumptions.", rules=(("ordered", "valid_from", "valid_to"),)),
    _table("risks", "What may happen to the plan", "risk", "risk_kind statement probability scenario owner", absent="No risks are listed.", references={"scenario": ("scenario_changes",)}),
    _table("scenario_changes", "Named changes to input tables", "scenario change", "table column operation", "amount family product market resource from_period to_period note setting function author taken", absent="No scenarios are defined: only the base plan is made.", rules=(("one_of", "amount", "setting"), ("ordered", "from_period", "to_period"), ("reserved", "scenario", "base"))),
    _table("processes", "The planning process, step by step", "process", "owner input output means control criterion measure target", "meeting", absent="The process is not described."),
    _table("evidence", "Proof that a process ran", "process element cycle", "reference", "value", absent="No evidence is collected."),
    _table("balance_survey", "What people think of the process", "respondent item cycle", "function score", "cycle", absent="No survey was taken."),
    _table("kpi_targets", "What is wanted of each measure of how the company does, and who answers for it", "measure", "owner", "target", absent="No targets are set: measures stand beside the budget only, and nobody answers for them."),
    _table("production_history", "What was made, and what was in stock at the month's end", "product site period", "produced", "inventory reason", absent="What was made is not recorded: whether production and stock kept to the plan is not known."),
    _table("hours_history", "Hours that were worked", "resource period", "regular_hours overtime_hours", "capacity_hours", absent="Hours worked are not recorded: use of capacity, overtime and output per hour are not known."),
    _table("cycle_calendar", "When the meetings of each cycle were to be and were held", "cycle meeting", "planned_day", "held_on reason", absent="No calendar of meetings is kept: whether they were held in time is not known."),
    _table("cycle_record", "What was done in each cycle, as the plan store tells it", "cycle entry", "act statement", "meeting author reason reference", absent="Nothing is recorded of earlier cycles: what was done in them is not known."),
    _table("approved_supply_plans", "What earlier approved cycles planned to make", "cycle product site period", "regular overtime subcontract", "inventory", absent="No approved supply plan is known: the plan is not held against the last one."),
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
    _plan("work_calendar", "When each site works: every day of the planned months", "site day", "period week hours"),
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
    _plan("supply_plan", "What is made, shipped and stored", "product site period", "opening_inventory regular overtime subcontract receipts shipped inventory target_inventory", "transferred_in transferred_out wasted runs cover_months"),
    _plan("shipments", "What each site sends to each market", "product site market period", "shipped"),
    _plan("transfers", "What each site sends to other sites", "product site to_site period", "transferred cost"),
    _plan("service_plan", "What markets get of what they ask", "product market period", "demand served backlog lost_sales"),
    _plan("market_shares", "Who gets the products that are short, in the months they are short", "product market", "family allocation demand late lost_sales service_level_ratio reason", "priority"),
    _plan("available_to_promise", "What can still be promised to customers", "product period", "supplied booked available_to_promise cumulative_available overpromised"),
    _plan("workforce_plan", "Who works how much", "resource period", "workers hired laid_off regular_hours overtime_hours capacity_hours utilisation_ratio"),
    _plan("production_plan", "What each resource makes", "product resource period", "regular overtime regular_hours overtime_hours"),
    _plan("strategy_comparison", "What each strategy costs and gives, beside the plan of record: in all, by item and by month", "strategy measure item period", "value", "item period"),
    _plan("constraint_values", "What one more unit of each scarce thing is worth", "constraint item period", "limit used marginal_value"),
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
    _plan("plan_gaps", "Plan against budget, last year, last cycle, goals and the paths to goals", "compared_with measure item period", "plan reference_value gap"),
    _plan("finance_adjustments", "What finance asks to change and what it does to the plan, measured by replanning", "adjustment", "statement author reason revenue_effect margin_effect cash_effect treatment"),
    _plan("bridge", "From budget to plan, step by step", "measure family step", "amount"),
    _plan("gaps", "Where plans disagree", "disagreement", "between statement gap_units gap_value owner question from_period to_period table shown_in", "family product resource"),
    _plan("proposed_changes", "Scenarios that could close each gap", "scenario change", "disagreement table column operation statement", "amount family product market resource from_period to_period setting"),
    _plan("strategies", "What each scenario would do, measured by replanning", "disagreement scenario", "statement gap_closed_ratio revenue_effect cost_effect margin_effect cash_effect inventory_effect service_effect because recommended"),
    _plan("scenario_comparison", "Every defined scenario beside the plan without it, measured by replanning", "scenario measure", "plan reference_value gap"),
    _plan("risk_scenarios", "What each risk would do, measured by replanning", "risk", "risk_kind statement scenario probability revenue_effect margin_effect expected_effect owner"),
    _plan("agenda", "The meetings, point by point", "settled_by topic", "minutes owner question"),
    _plan("decisions", "What must be decided, and by whom", "decision", "settled_by question options recommendation effect owner", "choice disagreement scenario margin_effect"),
    _plan("decision_results", "What earlier decisions were expected to do by now, and what happened", "cycle decision measure family", "from_period to_period reference_value plan statement", "value"),
    _plan("weekly_plan", "The approved months as weeks", "product site period week", "working_days regular overtime subcontract receipts transferred_in shipped transferred_out wasted inventory"),
    _plan("daily_plan", "The first weeks as days", "product site day", "regular overtime subcontract receipts transferred_in shipped transferred_out wasted"),
    _plan("production_schedule", "What each resource makes in each week, the most urgent first", "resource period week product", "sequence quantity work_hours", "cover_days due_day min_lot"),
    _plan("work_schedule", "Who works when, and how full each week is", "resource period week", "working_days workers regular_hours overtime_hours regular_capacity_hours capacity_hours utilisation_ratio"),
    _plan("short_items", "What comes late, is lost or is stored too little in the coming months, and which limit is the cause", "product period measure item", "quantity statement", "constraint"),
    _plan("horizons", "Strategy, months, weeks and days side by side: what each says and what the one below it adds up to", "horizon item measure period", "reference_value", "plan gap"),
    _plan("replenishment_orders", "What is sent where", "order_number", "product site market quantity order_day responsible"),
    _plan("performance", "How the company did month by month, and how well its plans held", "measure item period", "statement", "value target"),
    _plan("performance_review", "Each measure's last value beside its target and its last twelve months", "measure item", "period statement trend serves", "value target direction met owner"),
    _plan("process_evidence", "What proves each process, found by the workbook or written down", "process element cycle kind reference", "statement", "value"),
    _plan("process_register", "Each process with its elements, and whether evidence of them is there", "process element", "owner statement pieces shown", "reference last_shown"),
    _plan("survey_balance", "Who finds that the processes balance operations and business needs; all functions together where none is named", "item function cycle", "respondents agreeing_ratio low_ratio high_ratio mean_score trend", "function"),
    _plan("survey_disagreements", "How far functions are apart on each statement", "item function other_function", "difference_ratio low_ratio high_ratio chance_ratio told"),
    _plan("audit_page", "What each clause of ISO 9001:2015 asks of the planning process, and what shows it", "clause", "question statement reference", "shown_ratio lacking"),
    _plan("go_to_market", "Each launch's way to the market: gates, campaigns, first orders and production, volumes by week", "launch milestone item day", "state statement", "quantity"),
    _plan("reorder_points", "At which stock each product is ordered again, how much and from whom", "product site", "daily_demand daily_deviation lead_time_days lead_time_spread_days service_level safety_stock reorder_point order_quantity source basis", "shelf_life_days"),
    _plan("order_list", "What each site orders and ships today, tomorrow, this week and next week, and why", "order_number", "order_day urgency site action item quantity from_place to_place reason"),
    _plan("material_plan", "What production takes of each component, week by week, and what comes", "component period week", "opening_inventory required received ordered wasted inventory shortage"),
    _plan("procurement_orders", "What is ordered from whom", "order_number", "component supplier quantity required order_day due_day arrival_day late_days cost responsible"),
)
# fmt: on

TABLES = {table.name: table for table in INPUT_TABLES + PLAN_TABLES}
DIMENSIONS = frozenset(
    word for table in TABLES.values() for word in table.key
)  # words that tell rows apart
# the columns that say what a scenario changes; the others say who proposes it and why
CHANGE = [c for c in TABLES["scenario_changes"].columns if c in TABLES["proposed_changes"].columns]


def changeable(name):
    """The columns of a table that a scenario may change: what is not part of its key, nor a code or text."""
    table = TABLES[name]
    kinds = ("number", "whole", "period", "choice", "flag")
    return [c for c in table.columns if c not in table.key and WORDS[c].kind in kinds]


def dtype(table, column):
    """The pandas dtype of a column in a table."""
    word, filled = WORDS[column], column in table.must_have
    if word.kind == "whole":
        return "int64" if filled else "float64"
    if word.kind == "flag":
        return "bool" if filled else "boolean"
    return {"number": "float64", "period": "period[M]", "day": "datetime64[us]"}.get(
        word.kind, "str"
    )


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
