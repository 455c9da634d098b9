from __future__ import annotations

import io

from rich.console import Console

from reports.render.progress import Progress


def shown(**options) -> str:
    buffer = io.StringIO()
    with Progress(Console(file=buffer, width=80, **options), total=3) as progress:
        progress.advance("affine", "agrees", 1234, 0.5)
        progress.advance("two_layer[1]", "disagrees", 1, 12.25)
    return buffer.getvalue()


def test_elsewhere_than_in_a_terminal_every_subject_is_a_plain_line():
    assert shown() == (
        "1/3 affine: agrees (1,234 entries compared, 0.5 s)\n"
        "2/3 two_layer[1]: disagrees (1 entry compared, 12.2 s)\n"
    )


def test_in_a_terminal_one_line_is_kept_up_to_date_and_removed_at_the_end():
    text = shown(force_terminal=True, color_system=None)
    assert "2/3" in text
    assert "1 agrees, 1 disagrees" in text
    assert text.endswith(("\x1b[2K\x1b[?25h", "\x1b[2K"))
