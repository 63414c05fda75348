"""Stock, orders, prices, bills, capacity and budget are read by the same rooms as sales."""

import pandas as pd
import pytest
from importing import importer

from sopkit.intake.table_import import import_table
from sopkit.intake.table_proof import screen
from sopkit.io import readers
from sopkit.io.writers import write

SALES = "Date,Item,Qty\n2026-06-03,A,2\n2026-06-30,B,1\n"


@pytest.fixture
def read(tmp_path):
    """Read a table of a company that plans A and B, and give what was written and said."""
    importer(tmp_path)(SALES, folder="acme")

    def one(name, content, file="export.csv", **answers):
        path = tmp_path / file
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        answers = {key.replace("__", "."): value for key, value in answers.items()}
        done = import_table(name, path, tmp_path / "acme", answers)
        return readers.read(tmp_path / "acme")[name] if not done.questions else None, done

    return one


def test_stock_of_lots_is_added_up_and_other_products_are_left_out(read):
    text = "Item No;Warehouse;Lot;Stock\nA;W1;x;1.234,5\nA;W1;y;10,0\nB;W1;x;5,0\nZ;W1;x;9,0\nTotal;;;1258,5\n"
    stock, done = read("inventory", text)
    assert stock[["product", "site", "on_hand"]].to_numpy().tolist() == [
        ["A", "W1", 1244.5],
        ["B", "W1", 5.0],
    ]
    said = screen(done)
    assert "left out: a product that is not in products: 1" in said
    assert "left out: a total: 1" in said
    assert "2 rows of the same product, site are added up" in said
    assert "total on_hand: 1,249.5" in said


def test_stock_without_a_site_is_at_one_site(read):
    stock, done = read("inventory", "SKU,On Hand\nA,5\nB,6\n")
    assert stock["site"].tolist() == ["main", "main"]
    assert "value.site = main (the file names no site)" in screen(done)


def test_open_customer_orders_of_the_one_market_are_read(read):
    text = "Order No,Item,Requested delivery date,Open Qty\n1,A,2026-12-03,5\n2,A,2026-12-03,2\n3,B,2027-01-04,1\n"
    orders, done = read("sales_orders", text)
    assert [f"{r.order_number} {r.product} {r.market} {r.due_day:%Y-%m-%d} {r.quantity:g}" for r in orders.itertuples()] == [
        "1 A all 2026-12-03 5", "2 A all 2026-12-03 2", "3 B all 2027-01-04 1",
    ]  # fmt: skip
    assert "value.market = all (the company has one market)" in screen(done)


ORDERED = """PO,Item,Ordered qty,Received qty,Due date,Status
1,A,100,40,2026-12-10,Open
2,A,50,0,2026-12-10,Cancelled
3,B,30,30,2026-12-10,Open
"""


def test_of_orders_what_is_open_counts(read):
    _, done = read("purchase_orders", ORDERED)
    assert [str(question) for question in done.questions] == [
        "export.csv has Received qty beside Ordered qty. Is the open quantity Ordered qty less Received "
        "qty (left), or all of Ordered qty (all)? (left / all)",
        "Status is Cancelled in 1 line. Are those orders closed (leave), or open (use)? (leave / use)",
    ]
    orders, done = read("purchase_orders", ORDERED, supplied="left", closed="leave")
    assert orders[["order_number", "quantity"]].to_numpy().tolist() == [["1", 60]]
    assert "left out: a closed order: 1" in screen(done)
    assert "left out: nothing of it is open: 1" in screen(done)


def test_the_open_quantity_is_taken_before_the_ordered_one(read):
    text = "Order No,Item,Due date,Quantity,Shipped,Open quantity\n1,A,2026-12-03,10,4,6\n"
    orders, done = read("sales_orders", text)
    assert orders["quantity"].tolist() == [6]
    assert not done.questions


def test_ordered_quantities_of_the_past_are_whole(read):
    text = "Order No,Item,Order date,Due date,Quantity,Shipped,Open quantity\n1,A,2026-05-01,2026-06-03,10,4,6\n"
    orders, _ = read("order_history", text)
    assert orders["quantity"].tolist() == [10]


def test_stock_of_several_days_is_asked(read):
    text = "Date,SKU,On Hand\n2026-09-30,A,4\n2026-10-31,A,5\n2026-09-30,B,7\n"
    _, done = read("inventory", text)
    assert [str(question) for question in done.questions] == [
        "Rows of the same product, site have several days in column Date of export.csv, 2026-09-30 to "
        "2026-10-31. Is the stock that of the last day (last), or of all days together (all)? (last / all)"
    ]
    stock, done = read("inventory", text, days="last")
    assert stock[["product", "on_hand"]].to_numpy().tolist() == [["A", 5]]
    assert "left out: of an earlier day: 2" in screen(done)


def test_lots_have_days_of_their_own(read):
    text = "Expiry date,SKU,On Hand\n2026-12-30,A,4\n2027-10-31,A,5\n"
    _, done = read("inventory", text)
    assert [question.default for question in done.questions] == ["all"]


def test_the_net_price_is_taken_before_that_of_the_list(read):
    costs, _ = read("item_costs", "SKU,List price,Net price,Standard cost\nA,13,10,5\nB,26,20,9\n")
    assert costs["price"].tolist() == [10, 20]


def test_a_list_of_costs_is_priced_at_what_was_sold(read, tmp_path):
    sold = "Date,Item,Qty,Sales\n2026-06-03,A,2,25\n2026-06-30,B,4,36\n"
    importer(tmp_path)(sold, folder="sold")
    (tmp_path / "costs.csv").write_text("Item,Standard cost\nA,7\nB,5\n")
    done = import_table("item_costs", tmp_path / "costs.csv", tmp_path / "sold", {})
    assert done.table["price"].tolist() == [12.5, 9]
    assert done.table["material_cost"].tolist() == [7, 5]
    assert "price is not in the file: last year's revenue per unit (value.price)" in screen(done)
    with pytest.raises(ValueError, match="item_costs needs price"):
        read("item_costs", "Item,Standard cost\nA,7\nB,5\n")


def test_purchase_orders_are_read(read):
    text = (
        "PO Number,Vendor,Component,Delivery Date,Remaining Qty\n4500,Acme,VALVE,31.12.2026,500\n"
    )
    orders, _ = read("purchase_orders", text)
    row = orders.iloc[0]
    assert (row["item"], row["supplier"], row["order_number"], row["quantity"]) == (
        "VALVE",
        "Acme",
        "4500",
        500,
    )
    assert row["due_day"] == pd.Timestamp("2026-12-31")


def test_prices_and_costs_are_read_under_the_names_of_other_systems(read):
    text = "SKU;List Price;Std Cost;Valid from;Buyer\nA;12,50;7,10;01.01.2026;Kim\nB;18,00;9,50;01.01.2026;Lee\n"
    prices, done = read("item_costs", text)
    assert prices["price"].tolist() == [12.5, 18]
    assert prices["material_cost"].tolist() == [7.1, 9.5]
    assert prices["effective_from"].astype(str).tolist() == ["2026-01", "2026-01"]
    said = screen(done)
    assert "not read: Buyer; read one with --answer COLUMN=ITS NAME" in said
    assert prices["holding_cost"].isna().all()  # a share of the price, as the data dictionary says


def test_the_cost_of_material_is_asked_where_a_list_has_prices_alone(read):
    text = 'Item,List Price\nA,"$1,199.00"\nB,$49.00\n'
    prices, done = read("item_costs", text)
    assert prices is None
    assert [str(question) for question in done.questions] == [
        "export.csv has no material_cost. Which share of the price is it?"
    ]
    prices, _ = read("item_costs", text, share__material_cost="0.4")
    assert prices["material_cost"].tolist() == [479.6, 19.6]
    assert prices["effective_from"].astype(str).tolist() == ["2026-06", "2026-06"]


def test_the_only_other_column_of_dates_is_the_day_that_a_table_needs(read):
    text = "SalesDoc,Item,Wanted,Open qty\n1,A,07/15/2026,4\n2,B,07/20/2026,5\n"
    orders, done = read("sales_orders", text)
    assert [f"{day:%m-%d}" for day in orders["due_day"]] == ["07-15", "07-20"]
    said = screen(done)
    assert "due_day = Wanted (Wanted is the only other column of dates)" in said
    assert "due_day from 2026-07-15 to 2026-07-20" in said


def test_which_of_two_columns_of_dates_is_asked(read):
    text = "Item,Quoted,Wanted,Open qty\nA,2026-07-01,2026-07-15,4\nB,2026-07-02,2026-07-20,5\n"
    orders, done = read("sales_orders", text)
    assert orders is None
    assert [(q.key, q.choices) for q in done.questions] == [("due_day", ("Quoted", "Wanted"))]
    orders, _ = read("sales_orders", text, due_day="Wanted")
    assert [f"{day:%m-%d}" for day in orders["due_day"]] == ["07-15", "07-20"]


def test_the_total_stands_beside_that_of_the_file(read):
    same = "SKU,On Hand\nA,5\nB,6\nTotal,11\n"
    assert "total on_hand: 11\n  the file's own total is 11: the same" in screen(
        read("inventory", same)[1]
    )


def test_a_total_with_products_that_are_not_planned_differs(read):
    text = "SKU,On Hand\nA,5\nB,6\nZ,7\nTotal,18\n"
    assert "total on_hand: 11\n  the file's own total is 18: -7" in screen(
        read("inventory", text)[1]
    )


def test_a_row_of_totals_without_a_number_has_no_total(read):
    text = "SKU,On Hand\nA,5\nB,6\nTotal,see page 2\n"
    stock, done = read("inventory", text)
    assert stock["on_hand"].tolist() == [5, 6]
    assert "the file's own total" not in screen(done)


def test_how_a_table_was_read_is_kept_for_the_next_file(read, tmp_path):
    read("sales_orders", "Item,Wanted,Open qty\nA,2026-07-15,4\n")
    kept = (tmp_path / "acme" / "intake.toml").read_text()
    assert "[tables.sales_orders]" in kept
    assert 'due_day = "Wanted"' in kept


def test_what_stands_under_months_across_is_said_and_can_be_told(read):
    text = "Product;Jan 2026;Feb 2026;Mar 2026\nA;5;6;7\nB;1;2;3\n"
    made, done = read("production_history", text)
    assert made["produced"].tolist() == [5, 1, 6, 2, 7, 3]
    said = screen(done)
    assert "period from 2026-01 to 2026-03" in said
    assert "produced = (quantity)" in said


def test_a_budget_in_money_alone_is_read(read):
    budget, _ = read("budget", "Family,Month,Revenue\ntents,2027-01,900\ntents,2027-02,950\n")
    assert budget["revenue"].tolist() == [900, 950]
    assert budget[["quantity", "margin"]].isna().all(axis=None)


def test_a_budget_in_thousands_is_read_in_full(read):
    text = "Family,Month,Revenue (000)\ntents,2027-01,900\nTotal,,900\n"
    budget, done = read("budget", text)
    assert budget["revenue"].tolist() == [900_000]
    assert "scale.revenue = 1000 (the name of column Revenue (000) says so)" in screen(done)
    assert "the file's own total is 900,000: the same" in screen(done)


def test_what_stands_under_the_months_of_a_budget_is_asked(read):
    text = "Family,Jan 2027,Feb 2027,Mar 2027\ntents,10,20,30\n"
    _, done = read("budget", text)
    (question,) = done.questions
    assert question.key == "across"
    assert question.choices == ("quantity", "revenue", "margin")
    budget, done = read("budget", text, across="revenue")
    assert not done.questions
    assert budget["revenue"].tolist() == [10, 20, 30]


def test_what_the_only_unnamed_number_of_a_budget_is_is_asked(read):
    text = "Family,Month,AOP 27\ntents,2027-01,900\n"
    _, done = read("budget", text)
    assert str(done.questions[0]) == (
        "What does column AOP 27 of export.csv hold? (quantity / revenue / margin)"
    )
    budget, _ = read("budget", text, number="margin")
    assert budget["margin"].tolist() == [900]


def test_a_budget_with_several_unnamed_numbers_says_which_it_needs(read):
    with pytest.raises(ValueError) as refused:
        read("budget", "Family,Month,AOP,RF2\ntents,2027-01,900,800\n")
    assert str(refused.value) == (
        "budget needs one of quantity, revenue, margin, which no column of the file is named like; "
        "it has Family, Month, AOP, RF2. Name it with --answer quantity=COLUMN, or give all rows "
        "one value with --answer value.quantity=VALUE."
    )


def test_a_budget_by_product_is_added_up_by_family(read, tmp_path):
    products = readers.read(tmp_path / "acme", ["products"])["products"]
    others = products.assign(product=["C", "D"], family="others")
    write("products", pd.concat([products, others]), tmp_path / "acme" / "products.csv")
    text = "SKU,Month,Revenue,Gross Margin\nA,2027-01,900,\nB,2027-01,100,\nC,2027-01,7,\n"
    budget, done = read("budget", text)
    assert budget[["family", "revenue"]].to_numpy().tolist() == [["others", 7], ["products", 1000]]
    assert budget["margin"].isna().all()
    assert "3 products are added up by their family" in screen(done)


def test_a_budget_of_the_one_family_needs_no_name(read):
    budget, done = read("budget", "Month,Revenue\n2027-01,900\n2027-02,950\n")
    assert budget["family"].tolist() == ["products", "products"]
    assert "value.family = products (the company has one family)" in screen(done)


def test_a_bill_of_materials_is_read(read):
    bill, _ = read("bill_of_materials", "Product,Component,Qty Per\nA,VALVE,2\nB,VALVE,1\n")
    assert bill["quantity_per_unit"].tolist() == [2, 1]


def test_a_budget_with_months_across_and_measures_below_is_read(read):
    text = "Family,Jan 2027,,,Feb 2027,,\n,Units,Revenue,Margin,Units,Revenue,Margin\ntents,1,10,5,2,20,9\n"
    budget, _ = read("budget", text, quantity="Units")
    assert budget[["quantity", "revenue", "margin"]].to_numpy().tolist() == [[1, 10, 5], [2, 20, 9]]


def test_a_required_column_that_is_not_there_is_named(read, tmp_path):
    with pytest.raises(ValueError) as refused:
        read("purchase_orders", "Component,Qty\nVALVE,5\n")
    assert str(refused.value) == (
        "purchase_orders needs due_day, which no column of the file is named like; it has Component, Qty. Name it with "
        "--answer due_day=COLUMN, or give all rows one value with --answer value.due_day=VALUE."
    )
    assert not (tmp_path / "acme" / "purchase_orders.csv").exists()


def test_a_stranger_to_the_schema_is_refused(read):
    with pytest.raises(ValueError, match=r"inventry is no input table; did you mean inventory\?"):
        read("inventry", "Item,Qty\nA,1\n")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("stock", "inventory or holidays"), ("bom", "bill_of_materials"), ("suppliers", "sources")],
)
def test_a_table_called_by_what_it_holds_is_named(read, name, meant):
    with pytest.raises(ValueError, match=rf"{name} is no input table; did you mean {meant}"):
        read(name, "Item,Qty\nA,1\n")


def test_codes_that_do_not_match_the_products_are_refused(read):
    with pytest.raises(
        ValueError, match="no product of the file is in products, such as X; there they are like A"
    ):
        read("inventory", "SKU,On Hand\nX,5\n")


def test_stock_that_may_be_thousands_is_asked_and_not_written(read):
    stock, done = read("inventory", 'SKU,On Hand\nA,"1,234"\nB,"2,345"\n')
    assert stock is None
    assert [question.key for question in done.questions] == ["decimals.On Hand"]


# --------------------------------------------------------------------------------------------------
# what numbers count


@pytest.mark.parametrize(
    ("head", "price", "written"),
    [
        ("Price", "5", 5),
        ("Price per 100", "500", 5),
        ("Preis je 1000 Stk", "5000", 5),
        ("Price per 12", "60", 5),
        ("Price per 1 PC", "5", 5),
    ],
)
def test_a_price_of_several_units_is_that_of_one(read, head, price, written):
    costs, _ = read("item_costs", f"Item,{head},Cost\nA,{price},2\nB,{price},3\n")
    assert costs["price"].tolist() == [pytest.approx(written)] * 2
    assert costs["material_cost"].tolist() == [2, 3]


def test_a_price_unit_of_each_line_divides_its_money(read):
    text = "Material;Preis;Materialkosten;Preiseinheit;Effective from\nA;500,00;200,00;100;2026-01\nB;8,00;3,00;1;2026-01\n"
    costs, done = read("item_costs", text)
    assert costs[["price", "material_cost"]].to_numpy().tolist() == [[5, 2], [8, 3]]
    assert "prices are divided by Preiseinheit, above 1 in 1 line" in screen(done)


@pytest.mark.parametrize(
    ("head", "cell", "days"),
    [
        ("Lead Time", "6", 6),
        ("Lead Time (days)", "6", 6),
        ("Lead Time (weeks)", "6", 42),
        ("Lieferzeit in Wochen", "2", 14),
        ("Lead time", "6 weeks", 42),
        ("Lead time", "10 Tage", 10),
        ("Lead time", "1.5 months", 45),
    ],
)
def test_times_are_read_in_days(read, head, cell, days):
    text = f"Item,Vendor,{head},Effective from\nLEAF,ACME,{cell},2026-01\n"
    sources, _ = read("sources", text)
    assert sources["lead_time_days"].tolist() == [days]


def test_stock_below_0_is_none_where_lots_do_not_make_it_up(read):
    stock, done = read("inventory", "Item,Lot,On hand\nA,x,-5\nA,y,8\nB,z,-2\n")
    assert stock[["product", "on_hand"]].to_numpy().tolist() == [["A", 3], ["B", 0]]
    assert "negative_stock = zero (on_hand is below 0 in 1 row, such as -2 of product=B" in (
        screen(done)
    )


def test_stock_below_0_may_be_refused(read):
    with pytest.raises(ValueError, match="on_hand must be 0 or more; 1 of 1 rows is not"):
        read("inventory", "Item,On hand\nA,-5\n", negative_stock="refuse")


def test_the_unit_of_measure_of_a_product_is_read(read, tmp_path):
    (tmp_path / "acme" / "products.csv").unlink()
    products, _ = read("products", "SKU,Category,UoM\nA,one,kg\nB,two,box\n")
    assert products["unit_of_measure"].tolist() == ["kg", "box"]


def test_days_of_stock_are_no_stock_and_a_table_without_prices_is_not_divided(read):
    stock, done = read("inventory", "Item,Per,Stock days,Stock\nA,100,30,5\nB,100,12,6\n")
    assert stock["on_hand"].tolist() == [5, 6]
    assert "divided" not in screen(done)
