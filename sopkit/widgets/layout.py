"""Common parts of panels and forms: display, fields, messages."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from IPython.display import display

if TYPE_CHECKING:
    import ipywidgets

VIEW = "application/vnd.jupyter.widget-view+json"


def shown_when_live(widget: "ipywidgets.Widget", twin: dict[str, str]) -> None:
    """Show a widget, and where none can live its twin."""
    display({VIEW: widget.get_view_spec()} | twin, raw=True)


def twin(text: str) -> dict[str, str]:
    """What stands in place of a form where none can live: a sentence."""
    return {"text/html": f'<p class="line">{escape(text)}</p>', "text/plain": text}


def verbatim(text: str) -> str:
    """Text for an HTML field, in the columns in which it is written."""
    return f"<pre>{escape(text)}</pre>"


REFUSED = "var(--jp-error-color1, #c62828)"  # JupyterLab's own, of its light or dark theme


def line(text: str, refused: bool = False) -> str:
    """A sentence for an HTML field, read out when it comes; its content is text."""
    if not text:
        return ""
    look, role = (f";color:{REFUSED}", "alert") if refused else ("", "status")
    return f'<p role="{role}" style="line-height:1.4{look}"><b>{escape(text)}</b></p>'


def grid_of(rows: Mapping[str, Sequence[str]]) -> str:
    """Lines of cells for an HTML field, each with its label; the content is text."""
    cell = '<td style="text-align:right;padding:0 .6em">{}</td>'
    lines = []
    for label, texts in rows.items():
        row = [cell.format(escape(text)) for text in texts]
        lines.append(f"<tr><td>{escape(label)}</td>{''.join(row)}</tr>")
    return f'<table style="line-height:1.4">{"".join(lines)}</table>'


def told(text: str) -> "ipywidgets.HTML":
    """A sentence that tells what a form is for, as wide as it reads well."""
    import ipywidgets  # only a notebook that shows a panel needs it

    return ipywidgets.HTML(f'<p style="max-width:46rem;line-height:1.4">{escape(text)}</p>')


def wrapped(*widgets: "ipywidgets.Widget", **layout: object) -> "ipywidgets.HBox":
    """Widgets side by side as far as there is room."""
    import ipywidgets

    return ipywidgets.HBox(
        widgets, layout=ipywidgets.Layout(display="flex", flex_flow="row wrap", **layout)
    )


def text_field(label: str, hint: str = "") -> "ipywidgets.Text":
    """A field for a few words; `hint` is seen while it is empty."""
    import ipywidgets

    return ipywidgets.Text(
        description=label, placeholder=hint, layout=ipywidgets.Layout(width="22em")
    )


def signature() -> tuple["ipywidgets.Text", "ipywidgets.Text"]:
    """The fields that say who keeps something, and why."""
    return text_field("Author", "your name"), text_field("Reason", "why, in a sentence")


def chooser(label: str, options: Sequence[Any], **more: object) -> "ipywidgets.Dropdown":
    """A field for one of some options."""
    import ipywidgets

    return ipywidgets.Dropdown(
        options=options, description=label, layout=ipywidgets.Layout(width="22em"), **more
    )


def acting(label: str, act: Callable[[], str], refusal: str) -> "ipywidgets.VBox":
    """A button and a line: what `act` gives is said there, or why it was refused.

    Returns
    -------
    the widget
    """
    import ipywidgets

    press = ipywidgets.Button(description=label, layout=ipywidgets.Layout(width="17em"))
    said = ipywidgets.HTML()

    def pressed(_):
        try:
            said.value = line(act())
        except (ValueError, OSError) as error:
            said.value = line(f"{refusal}: {error}", refused=True)

    press.on_click(pressed)
    return ipywidgets.VBox([press, said])
