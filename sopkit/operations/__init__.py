"""The approved months as weeks and days of work, and the orders that follow from them."""

from sopkit.operations.calendar import work_calendar
from sopkit.operations.go_to_market import go_to_market
from sopkit.operations.horizons import horizons
from sopkit.operations.purchasing import purchases
from sopkit.operations.reorder import reorder_points
from sopkit.operations.replenishment import order_list, replenishment_orders
from sopkit.operations.schedule import production_schedule, work_schedule
from sopkit.operations.shortages import short_items
from sopkit.operations.weeks import daily_plan, weekly_plan
