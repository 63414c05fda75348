"""Parameters of the supply programme as arrays: rows by code, columns by planned month.

The order of codes makes the plan independent of the order of rows in the input.

An array by month has two axes or more, the months last; what stands for a thing has one axis. In
the months after the horizon (`tail`) an array by month repeats the same month a year before, unless
its annotation says otherwise.
"""

from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from sopkit.master_data.lead_times import MonthDays
from sopkit.tables.keys import Keys

AMOUNT, KNOWN, LASTS = "amount", "known", "lasts"
Amount = Annotated[np.ndarray, AMOUNT]  # of these months only: 0 after the horizon
Known = Annotated[np.ndarray, KNOWN]  # of these months only: nan, so unknown, after the horizon
Lasting = Annotated[np.ndarray, LASTS]  # the last month's value goes on


class Items(NamedTuple):
    """Products with price and costs; `outside` is nan where a product cannot be subcontracted."""

    codes: pd.Index
    family: np.ndarray  # position in families
    price: np.ndarray
    material: np.ndarray
    holding: np.ndarray
    late: np.ndarray
    lost: np.ndarray
    outside: np.ndarray
    outside_limit: np.ndarray
    outside_lead: np.ndarray  # days, no column
    keeps: np.ndarray  # whole months in stock, no column; inf where it never spoils


class Families(NamedTuple):
    """What the supply policy allows each family, whatever its strategy."""

    codes: pd.Index
    strategy: np.ndarray
    holds_rate: np.ndarray  # level: the rate stays; the workforce alone where it is false
    overtime: np.ndarray  # 1 yes, 0 no, nan as the strategy does
    outside: np.ndarray  # the same
    kept: np.ndarray  # whether nobody of its crews is laid off
    chase_by: np.ndarray  # workers, hours or subcontract; "" any of them
    rate_up: np.ndarray  # cost of a unit a working day made more than in the month before
    rate_down: np.ndarray  # the same of one made less
    plan_change_cost: np.ndarray  # of a unit made more or less than last approved


class Stocks(NamedTuple):
    """A product at a site."""

    keys: Keys
    item: np.ndarray
    site: np.ndarray
    makes: np.ndarray
    on_hand: np.ndarray
    scheduled_receipts: Amount
    least: np.ndarray
    target: np.ndarray
    most: np.ndarray
    demand: np.ndarray  # of the markets that count on the site
    approved: Known  # production of the last approved plan; nan without one


class Demands(NamedTuple):
    """A product in a market."""

    keys: Keys
    item: np.ndarray
    demand: np.ndarray
    waits: np.ndarray
    past_due: Amount  # of the demand: owed from before the plan, so that no year repeats it
    in_transit: Amount  # assumed on the way at the start, by the month of arrival


class Lanes(NamedTuple):
    """A product's way from a site to a market."""

    keys: Keys
    stock: np.ndarray
    want: np.ndarray
    freight: np.ndarray  # lanes x months
    lead: np.ndarray  # days


class TransferArcs(NamedTuple):
    """A product's way from a site to another."""

    keys: Keys
    stock: np.ndarray
    to_stock: np.ndarray
    freight: np.ndarray  # arcs x months
    lead: np.ndarray  # days


class Routes(NamedTuple):
    """An alternative for a step of a product: on a resource, or without one (resource -1)."""

    stock: np.ndarray
    item: np.ndarray
    resource: np.ndarray
    hours: np.ndarray  # this and what follows until step: routes x months
    making: np.ndarray
    lot: np.ndarray  # fewest units of a month in which it is used
    setup_cost: np.ndarray
    setup_hours: np.ndarray
    step: np.ndarray
    yields: np.ndarray  # whether it is the last step, from which the product comes
    lead: np.ndarray  # days of all steps, counted at the last
    started: np.ndarray  # routes x months, units started at the first step for a good unit


class Resources(NamedTuple):
    """A resource; `machine_hours` is inf without a machine limit."""

    codes: pd.Index
    opening: np.ndarray
    whole: np.ndarray
    post: np.ndarray  # the smallest post of a crew that comes whole: 1 a full-timer, 0.5 half a day
    hire_from: np.ndarray  # the first month in which notice allows hiring
    layoff_from: np.ndarray
    least: np.ndarray  # this and all that follows: crews x months
    most: np.ndarray
    regular_wage: np.ndarray
    overtime_wage: np.ndarray
    hire_cost: np.ndarray
    layoff_cost: np.ndarray
    attrition: np.ndarray  # share of the workers of the month before who have left
    days: np.ndarray
    regular_hours: np.ndarray
    overtime_hours: np.ndarray
    machine_hours: np.ndarray


class StorageSites(NamedTuple):
    """A site with a storage limit; `rent` is nan where overflow storage is not available."""

    codes: pd.Index
    of_stock: np.ndarray  # position of each stock's site in codes; -1 where the site has no limit
    limit: np.ndarray  # sites x months
    rent: np.ndarray  # sites x months


class Purchases(NamedTuple):
    """A product's way from a supplier to a site."""

    keys: Keys  # product, site, supplier
    stock: np.ndarray
    source: (
        np.ndarray
    )  # position in `most`; a source that delivers to several sites has several ways
    cost: np.ndarray
    least: np.ndarray  # units of an order
    multiple: np.ndarray
    most: Lasting  # sources x months, units that can have been delivered; inf without a limit
    codes: pd.Index  # of sources
    freight: np.ndarray  # inbound, of a unit


class Materials(NamedTuple):
    """A component whose stock or supply is limited."""

    codes: pd.Index
    coming: Amount  # on hand, in the first month, and on order
    receivable: Lasting  # the most that new orders can bring; inf without a limit
    usage: csr_array  # material x product, units for a unit started
    into: csr_array  # material x material, units for a unit of the column's that is ordered
    lead: np.ndarray  # days


class Assemblies(NamedTuple):
    """What production at a stock takes from other stocks, and what it adds to them."""

    uses: csr_array  # stock x stock: units for a unit started at the column's
    adds: csr_array  # stock x stock: co-products of a unit of the column's


QUANTITIES = ("made", "bought", "workers", "hired", "laid_off", "stock")  # that rules speak of
FIRM, PLANNER, FENCE, NOTICE = range(4)  # the order of authority: the first goes before the others


class RuleTerms(NamedTuple):
    """The terms of all rules; each array has an entry for a term."""

    rule: np.ndarray  # position of its rule
    quantity: np.ndarray  # position in QUANTITIES
    thing: np.ndarray  # position of its stock or crew
    month: np.ndarray
    weight: np.ndarray


class Rules(NamedTuple):
    """Firm production, planner's rows, fences and notices: a rule each, about the month it names.

    The weighted terms of a rule add up to at least `least` and at most `most`; what they miss is a
    breach.
    """

    keys: Keys  # kind, item, site
    month: np.ndarray
    authority: np.ndarray  # FIRM, PLANNER, FENCE or NOTICE
    least: np.ndarray
    most: np.ndarray
    terms: RuleTerms


class Facts(NamedTuple):
    months: pd.PeriodIndex
    shown: int  # months of the plan; those after them are its tail
    days: MonthDays
    items: Items
    families: Families
    stocks: Stocks
    wants: Demands
    lanes: Lanes
    moves: TransferArcs
    routes: Routes
    crews: Resources
    stores: StorageSites
    purchases: Purchases
    materials: Materials
    assemblies: Assemblies
    rules: Rules
