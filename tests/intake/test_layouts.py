"""Exports of ten systems, rebuilt by hand from their published column names: read without a flag.

Each holds the same sales: 5 TENT-2 and 3 STOVE-1 a month from January to March 2026, and what is
peculiar to the system.
"""

import csv
import io

import openpyxl
import pytest
from importing import importer

MONTHS = {f"{p} 2026-0{m}": n for p, n in (("STOVE-1", 3), ("TENT-2", 5)) for m in (1, 2, 3)}
SALES = [
    (m, day, product, units, price)
    for m in (1, 2, 3)
    for day, product, units, price in (
        (2, "TENT-2", 2, 199.0),
        (15, "STOVE-1", 3, 49.0),
        (30 if m != 2 else 27, "TENT-2", 3, 199.0),
    )
]


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def written(rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def german(number):
    return f"{number:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def sap_list():
    """Transaction VF05 or a query, downloaded as unconverted list: bars, rules, German numbers."""
    head = [
        "Billing Date",
        "Material",
        "Description",
        "Billed Quantity",
        "SU",
        "Net Value",
        "Curr.",
    ]
    rows = [
        f"|{day:02d}.{m:02d}.2026|{p:<18}|{p.title():<20}|{german(float(n)):>10} |PC|{german(n * price):>12} |EUR|"
        for m, day, p, n, price in SALES
    ]
    rule = "-" * 60
    total = f"|{'*':<10}|{'':<18}|{'':<20}|{german(24.0):>10} |PC|{german(3426.0):>12} |EUR|"
    lines = ["31.03.2026                Dynamic List Display              1", "", rule]
    return (
        "\n".join([*lines, "|" + "|".join(head) + "|", rule, *rows, rule, total, rule]) + "\n",
        "list.txt",
        {},
    )


def sap_fields():
    """Table VBRP joined with VBRK by technical names, from SE16."""
    rows = [
        ["VBELN", "FKDAT", "MATNR", "ARKTX", "FKIMG", "VRKME", "NETWR", "WAERK", "VKORG", "WERKS"]
    ]
    rows += [
        [
            f"90{i:08d}",
            f"2026{m:02d}{day:02d}",
            p,
            p.title(),
            f"{n}.000",
            "PC",
            f"{n * price:.2f}",
            "EUR",
            "1000",
            "1010",
        ]
        for i, (m, day, p, n, price) in enumerate(SALES)
    ]
    return written(rows, "\t"), "vbrp.txt", {}


def dynamics():
    """Business Central, item ledger entries: a sale takes from stock, so its quantity is below 0."""
    rows = [["Posting Date", "Entry Type", "Document Type", "Document No.", "Item No.", "Description", "Location Code",
             "Quantity", "Unit of Measure Code", "Sales Amount (Actual)", "Cost Amount (Actual)", "Open", "Entry No."]]  # fmt: skip
    rows += [
        [
            f"{m}/{day}/2026",
            "Sale",
            "Sales Shipment",
            f"SH-{i}",
            p,
            p.title(),
            "MAIN",
            -n,
            "PCS",
            f"{n * price:,.2f}",
            f"{-n * 20:,.2f}",
            "No",
            i,
        ]
        for i, (m, day, p, n, price) in enumerate(SALES)
    ]
    return written(rows), "entries.csv", {"signs": "turn"}


def netsuite():
    """A saved search of transactions."""
    rows = [
        [
            "Type",
            "Date",
            "Document Number",
            "Name",
            "Item",
            "Quantity",
            "Amount",
            "Currency",
            "Subsidiary",
            "Status",
        ]
    ]
    rows += [
        [
            "Invoice",
            f"{m}/{day}/2026",
            f"INV{i}",
            "Alpine Ltd",
            p,
            n,
            f"{n * price:.2f}",
            "EUR",
            "Europe",
            "Paid In Full",
        ]
        for i, (m, day, p, n, price) in enumerate(SALES)
    ]
    return written(rows), "results.csv", {}


def odoo():
    """Sales analysis, exported from its list."""
    rows = [["Order Date", "Order Reference", "Product Variant", "Product Category", "Customer", "Qty Ordered", "Qty Delivered",
             "Qty Invoiced", "Untaxed Total", "Total", "Sales Team", "Status"]]  # fmt: skip
    rows += [
        [
            f"2026-{m:02d}-{day:02d} 09:12:00",
            f"S{i:05d}",
            p,
            "All / Outdoor",
            "Azure",
            n,
            n,
            n,
            n * price,
            n * price * 1.2,
            "Europe",
            "Sales Order",
        ]
        for i, (m, day, p, n, price) in enumerate(SALES)
    ]
    return written(rows), "sale.report.csv", {}


def shopify():
    """Orders export: a line an item, money of the order on its first line."""
    rows = [["Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Currency", "Subtotal", "Shipping", "Taxes",
             "Total", "Discount Amount", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price",
             "Lineitem compare at price", "Lineitem sku", "Lineitem requires shipping", "Lineitem taxable",
             "Lineitem fulfillment status", "Shipping Country", "Cancelled at", "Refunded Amount", "Vendor"]]  # fmt: skip
    rows += [
        [f"#{1000 + i}", "a@b.example", "paid", f"2026-{m:02d}-{day:02d} 10:00:00 +0100", "fulfilled", "EUR", n * price, 5, 0, n * price + 5, 0,
         f"2026-{m:02d}-{day:02d} 10:00:00 +0100", n, f"{p.title()} blue", price, "", p, "true", "true", "fulfilled", "DE", "", 0, "Alpine"]
        for i, (m, day, p, n, price) in enumerate(SALES)
    ]  # fmt: skip
    return written(rows), "orders_export.csv", {}


def amazon():
    """All orders report of Seller Central: tabs; a cancelled line has no price."""
    rows = [["amazon-order-id", "merchant-order-id", "purchase-date", "last-updated-date", "order-status", "fulfillment-channel",
             "sales-channel", "order-channel", "ship-service-level", "product-name", "sku", "asin", "item-status", "quantity",
             "currency", "item-price", "item-tax", "shipping-price", "ship-city", "ship-country", "promotion-ids"]]  # fmt: skip
    rows += [
        [f"302-{i}", "", f"2026-{m:02d}-{day:02d}T10:34:00+00:00", f"2026-{m:02d}-{day:02d}T12:00:00+00:00", "Shipped", "Amazon", "Amazon.de", "",
         "Standard", p.title(), p, "B00X", "Shipped", n, "EUR", n * price, 0, 0, "Bonn", "DE", ""]
        for i, (m, day, p, n, price) in enumerate(SALES)
    ]  # fmt: skip
    gone = ["302-x", "", "2026-02-05T10:34:00+00:00", "2026-02-06T12:00:00+00:00", "Cancelled", "Amazon", "Amazon.de", "", "Standard",
            "Tent", "TENT-2", "B00X", "Cancelled", 4, "EUR", "", "", "", "Bonn", "DE", ""]  # fmt: skip
    return written([*rows, gone], "\t"), "orders.txt", {"cancelled": "leave"}


def quickbooks():
    """Sales by product/service detail: a title, a group a product, its total, a grand total."""
    rows = [["Alpine Outfitters"], ["Sales by Product/Service Detail"], ["January - March 2026"], [],
            ["", "Date", "Transaction Type", "Num", "Client", "Memo/Description", "Qty", "Sales Price", "Amount", "Balance"]]  # fmt: skip
    for product in ("STOVE-1", "TENT-2"):
        rows.append([product])
        own = [sale for sale in SALES if sale[2] == product]
        rows += [
            [
                "",
                f"{m:02d}/{day:02d}/2026",
                "Invoice",
                i,
                "Anna",
                "camping",
                f"{n:.2f}",
                f"{price:,.2f}",
                f"{n * price:,.2f}",
                "",
            ]
            for i, (m, day, _, n, price) in enumerate(own)
        ]
        rows.append(
            [
                f"Total for {product}",
                "",
                "",
                "",
                "",
                "",
                f"{sum(s[3] for s in own):.2f}",
                "",
                "$1,234.00",
            ]
        )
    rows += [
        ["TOTAL", "", "", "", "", "", "24.00", "", "$3,426.00"],
        [],
        ["Thursday, Apr 02, 2026 10:05 AM GMT+1 - Accrual Basis"],
    ]
    return written(rows), "sales.csv", {}


def sage():
    """Sage 50, invoice items."""
    rows = [
        [
            "Invoice No",
            "Invoice Date",
            "Customer Ref",
            "Product Code",
            "Description",
            "Qty",
            "Unit Price",
            "Net Amount",
            "Tax Amount",
        ]
    ]
    rows += [
        [
            i,
            f"{day:02d}/{m:02d}/2026",
            "ALP001",
            p,
            p.title(),
            f"{n:.2f}",
            f"{price:.2f}",
            f"{n * price:.2f}",
            f"{n * price * 0.2:.2f}",
        ]
        for i, (m, day, p, n, price) in enumerate(SALES)
    ]
    return written(rows), "items.csv", {}


def square():
    """Items of a point of sale."""
    rows = [["Date", "Time", "Time Zone", "Category", "Item", "Qty", "Price Point Name", "SKU", "Modifiers Applied", "Gross Sales",
             "Discounts", "Net Sales", "Tax", "Transaction ID", "Payment ID", "Device Name", "Location"]]  # fmt: skip
    rows += [
        [f"{m:02d}/{day:02d}/26", "10:15:00", "Berlin", "Outdoor", p.title(), n, "Regular", p, "", f"€{n * price:,.2f}", "€0.00", f"€{n * price:,.2f}",
         "€0.00", f"tx{i}", f"pay{i}", "Till 1", "Bonn"]
        for i, (m, day, p, n, price) in enumerate(SALES)
    ]  # fmt: skip
    return written(rows), "items-2026.csv", {}


def pivot(tmp_path):
    """A pivot table of Excel: a title, months across, totals to the right and below."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Pivot"
    for row in (
        ["Sum of Qty", "Column Labels"],
        ["Row Labels", "Jan 2026", "Feb 2026", "Mar 2026", "Grand Total"],
        ["STOVE-1", 3, 3, 3, 9],
        ["TENT-2", 5, 5, 5, 15],
        ["Grand Total", 8, 8, 8, 24],
    ):
        sheet.append(row)
    book.save(tmp_path / "pivot.xlsx")


SYSTEMS = (
    sap_list,
    sap_fields,
    dynamics,
    netsuite,
    odoo,
    shopify,
    amazon,
    quickbooks,
    sage,
    square,
)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.__name__)
def test_a_published_layout_is_read_with_at_most_three_questions(imported, system):
    text, name, answers = system()
    asked = imported(text, name, folder="first").asked
    assert len(asked) <= 3
    assert asked == list(answers)
    done = imported(text, name, **answers)
    assert done.months == MONTHS


def test_quantities_of_equally_plain_names_that_differ_are_asked(imported):
    text = "Order Date,Product,Qty Ordered,Qty Delivered\n2026-01-02,A,5,4\n2026-01-31,A,5,5\n"
    done = imported(text)
    assert [str(question) for question in done.result.questions] == [
        "Which column of orders.csv holds the quantity? (Qty Delivered / Qty Ordered)"
    ]


def test_a_plain_pivot_is_read(imported, tmp_path):
    pivot(tmp_path)
    assert imported(None, "pivot.xlsx").months == MONTHS


@pytest.mark.parametrize(
    ("system", "revenue"),
    [(system, 3 * 49 + 5 * 199.0) for system in SYSTEMS],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_its_value_of_sales_is_read(imported, system, revenue):
    text, name, answers = system()
    done = imported(text, name, **answers)
    assert done.sales.groupby("period")["revenue"].sum().tolist() == [revenue] * 3
