"""The approved months as weeks and days of work, and the orders that follow from them."""

from sopkit.operations.calendar import work_calendar
from sopkit.operations.purchasing import procurement_orders
from sopkit.operations.replenishment import replenishment_orders
from sopkit.operations.schedule import work_schedule
from sopkit.operations.weeks import daily_plan, weekly_plan
