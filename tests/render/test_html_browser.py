"""The HTML report in a real headless Chromium, opened from a file."""

import re
from dataclasses import replace
from functools import cache

import pytest

from submission_checker.model.findings import Level
from submission_checker.model.report import PublishedNumber
from submission_checker.render import html as renderer
from submission_checker.rounds.links import source_url
from submission_checker.rounds.loader import load_round
from tests.acceptance.judged import judged
from tests.render.browser import (
    complaints,
    go,
    media,
    needs_browser,
    resize,
    started,
    until,
    write,
)
from tests.render.support_html import HOSTILE, broken_report, demo_report, finding, hostile_report

pytestmark = needs_browser
CSS = "css selector"
PAGE = 100


@pytest.fixture(scope="module")
def browser():
    with started() as one:
        yield one


def many():
    found = tuple(finding(n, rule=f"PERF{n % 30:03d}", level=Level(3 - n % 3))
                  for n in range(200_000))
    return replace(demo_report(), findings=found)


def pair():
    """Return a report in which a second system has the same results."""
    report = demo_report()
    second = [row._replace(location=row.location.replace("demo-host", "other-host"),
                      subject=row.subject._replace(system="other-host")) for row in report.results]
    return replace(report, results=(*report.results, *second))


def with_nameplates():
    """Return a report with measured and design power: both, the design power alone, none."""
    report = demo_report()
    both, alone, *rest = report.results
    measured = PublishedNumber(950.0, "W", "950")
    design = PublishedNumber(1800.0, "W", "1800")
    return replace(report, results=(both._replace(power=measured, nameplate=design),
                                    alone._replace(nameplate=design), *rest))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return a function: name -> (report, address); a page is made when it is first asked for."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {
        "demo": demo_report, "broken": lambda: broken_report(folder / "tree"),
        "hostile": hostile_report, "many": many, "pair": pair,
        "nameplate": with_nameplates,
        "empty": lambda: replace(demo_report(), results=(), findings=()),
    }

    @cache
    def made(name):
        report = reports[name]()
        return report, write(folder, renderer.render(report), f"{name}.html")
    return made


@pytest.fixture
def opened(browser, pages):
    """Return a function that opens a page afresh, with an address part, and returns its report."""
    def visit(name, part=""):
        resize(browser, 1280, 900)
        media(browser)
        go(browser, "about:blank")
        complaints(browser)
        report, address = pages(name)
        go(browser, address + part)
        return report
    yield visit
    assert complaints(browser) == []


def all_texts(browser, selector):
    """Return the texts of elements, as a reader sees them."""
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText.trim())",
        selector)


def one(browser, selector):
    return browser.find_element(CSS, selector)


def rows(browser, table="results"):
    return len(browser.find_elements(CSS, f"#{table}-table tr.row"))


def choose(browser, name, value):
    from selenium.webdriver.support.ui import Select

    Select(one(browser, f"#filters select[name={name}]")).select_by_value(value)


def column(browser, table, title):
    """Return the cells of a column, by the title in its head."""
    heads = all_texts(browser, f"#{table}-table thead th")
    at = next(i for i, head in enumerate(heads) if head == title)
    return all_texts(browser, f"#{table}-table tr.row td:nth-child({at + 1})")


def test_design_power_is_marked_as_nameplate(browser, opened):
    opened("nameplate")
    cells = [" ".join(text.split()) for text in column(browser, "results", "Power")]
    assert sorted(set(cells)) == ["950 W nameplate 1,800 W", "nameplate 1,800 W", "–"]


@pytest.mark.parametrize("name", ["demo", "broken", "hostile", "empty", "many"])
def test_opens_from_a_file_without_complaints_or_requests(browser, opened, name):
    report = opened(name)
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert one(browser, "h1").is_displayed()
    assert rows(browser) == min(len(report.results), PAGE)
    assert rows(browser, "findings") == min(len(report.findings), PAGE)


def test_filter_narrows_all_and_stays_in_the_address(browser, opened):
    report = opened("broken")
    choose(browser, "benchmark", "toyllm")
    wanted = [r for r in report.results if r.subject.benchmark == "toyllm"]
    assert rows(browser) == len(wanted) < len(report.results)
    assert set(column(browser, "results", "Benchmark")) == {"toyllm"}
    assert "benchmark=toyllm" in browser.current_url
    go(browser)
    assert rows(browser) == len(wanted)
    assert one(browser, "#filters output").text.startswith(
        f"{len(wanted)} of {len(report.results)} results")
    one(browser, "#filters button").click()
    assert rows(browser) == len(report.results)
    assert "toyllm" not in browser.current_url


def test_filters_of_findings_reach_the_results(browser, opened):
    report = opened("broken")
    choose(browser, "rule", "PERF015")
    assert rows(browser, "findings") == 1
    assert column(browser, "results", "Scenario") == ["Server"]
    choose(browser, "rule", "")
    choose(browser, "verdict", "valid")
    assert set(column(browser, "results", "Verdict")) == {"valid"}
    invalid = sum(r.verdict.value == "invalid" for r in report.results)
    assert rows(browser) == len(report.results) - invalid


def test_free_text_finds_paths_numbers_and_words(browser, opened):
    report = opened("broken")
    about = [f for f in report.findings if "early_stopping_met" in f"{f.found} {f.required}"]
    assert 0 < len(about) < len(report.findings)
    for text, count in (("early_stopping_met", len(about)), ("perf015", 1), ("nowhere at all", 0)):
        box = one(browser, "#filters input")
        box.clear()
        box.send_keys(text)
        until(lambda count=count: rows(browser, "findings") == count)
    assert "No finding fits the filters." in one(browser, "#findings-table").text


@pytest.mark.parametrize("part", ["#results?verdict=invalid", "#findings?level=info&q=hw_note"])
def test_a_link_into_the_page_opens_filtered(browser, opened, part):
    report = opened("broken", part)
    assert 0 < rows(browser) <= len(report.results)
    assert rows(browser, "findings") < len(report.findings)


def test_counts_of_the_head_are_links_to_what_they_count(browser, opened):
    report = opened("broken")
    one(browser, ".tile.invalid").click()
    invalid = sum(r.verdict.value == "invalid" for r in report.results)
    until(lambda: rows(browser) == invalid)  # a link's change of the address is told later
    one(browser, ".tile.error").click()
    until(lambda: rows(browser, "findings") == report.levels()[Level.ERROR])
    assert rows(browser, "results") > 0


def test_heads_sort_and_say_so(browser, opened):
    opened("broken")
    head = browser.find_element("xpath", "//*[@id='results-table']//th[button='Benchmark']")
    for order, change in (("ascending", sorted), ("descending", lambda x: sorted(x)[::-1])):
        head.find_element(CSS, "button").click()
        assert head.get_attribute("aria-sort") == order
        cells = column(browser, "results", "Benchmark")
        assert cells == change(cells)
        assert len(set(cells)) > 1
    assert len(browser.find_elements(CSS, "#results-table th[aria-sort$=scending]")) == 1


def test_a_number_opens_how_it_follows(browser, opened):
    report = opened("broken")
    choose(browser, "scenario", "SingleStream")
    button = one(browser, "#results-table .figure")
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    row = next(r for r in report.results if r.scenario == "SingleStream")
    text = one(browser, "#results-table tr.detail").text
    for step in row.derivation:
        assert f"{step.key} = {step.value}" in text
        assert step.formula in text
        assert f"{step.path.removeprefix(row.location)}:{step.line}" in text
    assert button.get_attribute("aria-expanded") == "true"
    button.click()
    assert browser.find_elements(CSS, "#results-table tr.detail") == []


def test_a_result_shows_accuracy_latency_and_peers_as_plots(browser, opened):
    opened("broken", "#results?benchmark=toyllm&scenario=Server")
    one(browser, "#results-table .open-row").click()
    names = browser.execute_script(
        "return [...document.querySelectorAll('tr.detail svg.plot')].map(e => e.ariaLabel)")
    assert any(re.match(r"first token: p50 .* bound ", name) for name in names)
    assert any("required >= " in name for name in names)
    boxes = browser.execute_script(
        "return [...document.querySelectorAll('tr.detail .dot, tr.detail .cross')]"
        ".map(e => { const a = e.getBoundingClientRect(), b = e.closest('svg.plot')"
        ".getBoundingClientRect(); return a.width > 3 && a.left >= b.left - 8 && "
        "a.right <= b.right + 8; })")
    assert len(boxes) >= 4
    assert all(boxes)


def test_results_beside_each_other(browser, opened):
    opened("demo")
    browser.execute_script("document.getElementById('peers').scrollIntoView()")
    until(lambda: "No two results of one model" in one(browser, "#peer-groups").text)


def test_a_finding_opens_its_explanation(browser, opened):
    report = opened("broken", "#findings?rule=PERF015")
    one(browser, "#findings-table .figure").click()
    text = one(browser, "#findings-table tr.detail").text
    said = next(f for f in report.findings if f.rule == "PERF015")
    rule = next(r for r in report.rules if r.id == "PERF015")
    for part in (said.found, said.required, said.why, said.fix, rule.source, rule.title,
                 f"{said.location.path}:{said.location.line}", said.fingerprint,
                 "submission-checker explain PERF015 --round demo"):
        assert " ".join(part.split()) in " ".join(text.split())
    link = one(browser, "#findings-table tr.detail a[href^=https]")
    assert (link.text, link.get_attribute("href")) == (
        rule.source, source_url(rule.source, load_round("demo")))


def test_rows_open_by_keyboard_and_focus_is_visible(browser, opened):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    opened("broken")
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert browser.switch_to.active_element.text == "Skip to the results"
    button = one(browser, "#results-table .figure")
    browser.execute_script("arguments[0].focus()", button)
    ActionChains(browser).send_keys(Keys.TAB, Keys.SHIFT, Keys.TAB).perform()
    ActionChains(browser).key_up(Keys.SHIFT).send_keys(Keys.ENTER).perform()
    assert one(browser, "#results-table tr.detail").is_displayed()
    outline = browser.execute_script(
        "const s = getComputedStyle(document.activeElement);"
        "return s.outlineStyle + s.outlineWidth")
    assert outline == "solid2px"


def test_hostile_names_are_shown_as_text(browser, opened):
    opened("hostile")
    for button in browser.find_elements(CSS, "tr.row .open-row"):
        browser.execute_script("arguments[0].click()", button)
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true);"
                           "document.getElementById('peers').scrollIntoView()")
    until(lambda: browser.find_elements(CSS, "#peer-groups > *"))
    assert browser.execute_script("return window.hit") is None
    assert browser.execute_script(
        "return document.querySelectorAll('img, iframe, a[href^=javascript], b > b').length") == 0
    assert browser.execute_script("return document.scripts.length") == 2
    text = browser.execute_script("return document.body.innerText")
    for shown in (*HOSTILE[:3], HOSTILE[4], HOSTILE[7], r"a\u202egpj.exe\u2066", r"\x1b[31mred"):
        assert shown in text
    assert re.search("[\u202a-\u202e\u2066-\u2069]", text) is None


def test_hostile_name_survives_the_address(browser, opened):
    opened("hostile")
    choose(browser, "submitter", HOSTILE[1])
    go(browser)
    assert rows(browser) == 1
    assert one(browser, "#filters select[name=submitter]").get_attribute("value") == HOSTILE[1]


def test_200_000_findings_stay_usable(browser, opened):
    opened("many")
    assert rows(browser, "findings") == PAGE
    pager = one(browser, "#findings-table .pager")
    assert pager.text.startswith("1 to 100 of ")
    assert "more findings, counted above, did not fit" in one(browser, "#left-out").text
    pager.find_elements(CSS, "button")[1].click()
    assert one(browser, "#findings-table .pager").text.startswith("101 to 200 of ")
    choose(browser, "rule", "PERF029")
    assert set(column(browser, "findings", "Rule")) == {"PERF029"}
    assert browser.execute_script("return document.getElementsByTagName('*').length") < 12_000


def test_readable_without_script(browser, pages):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        report, address = pages("broken")
        browser.get("about:blank")
        browser.get(address)
        text = one(browser, "body").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert text.index("Failed") < text.index("What to do next") < text.index("Results")
    for row in report.results:
        assert row.result.printed in text
    assert "switched off" in text
    assert "Previous" not in text


@pytest.mark.parametrize("width", [1280, 640, 320])
@pytest.mark.parametrize("name", ["broken", "hostile"])
def test_nothing_is_cut_off_when_zoomed(browser, opened, name, width):
    opened(name)
    resize(browser, width, 900)
    for button in browser.find_elements(CSS, "tr.row .open-row")[:3]:
        browser.execute_script("arguments[0].click()", button)
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width


@pytest.mark.parametrize("width", [1280, 800, 640, 500, 390, 320])
def test_cells_of_a_row_stand_apart_and_hold_words(browser, opened, width):
    """Long names wrap into lines of words, never into one letter per line, at any width."""
    opened("hostile")
    resize(browser, width, 900)
    for table in ("results", "findings"):
        boxes = browser.execute_script("""
            return [...document.querySelectorAll(arguments[0])].slice(0, 12).map(row =>
              [...row.children].filter(cell => getComputedStyle(cell).display !== "none")
                .map(cell => { const r = cell.getBoundingClientRect();
                  return [cell.className, r.left, r.top, r.right, r.bottom]; }))""",
            f"#{table}-table tr.row")
        assert boxes
        for cells in boxes:
            for name, left, _, right, _ in cells:
                assert right - left >= 56 or "c-details" in name or "c-findings" in name, name
            for i, (name, left, top, right, bottom) in enumerate(cells):
                for other, left2, top2, right2, bottom2 in cells[i + 1:]:
                    apart = (right <= left2 + 1 or right2 <= left + 1 or bottom <= top2 + 1
                             or bottom2 <= top + 1)
                    assert apart, (name, other)


def test_cards_of_a_phone_are_still_a_table_to_those_who_listen(browser, opened):
    opened("broken")
    resize(browser, 390, 844)
    roles = browser.execute_script("""
        const row = document.querySelector("#results-table tr.row");
        return [row.closest("table").getAttribute("role"), row.getAttribute("role"),
                [...new Set([...row.children].map(cell => cell.getAttribute("role")))]]""")
    assert roles == ["table", "row", ["cell"]]


def luminance(colour):
    parts = [int(x) / 255 for x in re.findall(r"\d+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_in_both_schemes(browser, opened, scheme):
    opened("broken")
    media(browser, scheme=scheme)
    pairs = browser.execute_script(r"""
        const seen = {};
        const behind = (e) => { for (; e; e = e.parentElement) {
          const c = getComputedStyle(e).backgroundColor;
          if (!/, 0\)$|transparent/.test(c)) return c; } };
        for (const e of document.querySelectorAll('body *')) {
          const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
          const s = getComputedStyle(e);
          if (own && e.checkVisibility() && s.opacity === '1' && !e.disabled)
            seen[s.color + ' on ' + behind(e)] = [s.color, behind(e), e.outerHTML.slice(0, 80)];
        }
        return Object.values(seen);""")
    assert len(pairs) > 5
    weak = []
    for front, back, example in pairs:
        light, dark = sorted((luminance(front), luminance(back)), reverse=True)
        if (light + 0.05) / (dark + 0.05) < 4.5:
            weak.append((front, back, example))
    assert weak == []
    page = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (luminance(page) < 0.2) is (scheme == "dark")


def test_paper_shows_whole_rows_within_its_width(browser, opened):
    opened("broken", "#results?benchmark=toyllm")
    for table in ("results", "findings"):
        one(browser, f"#{table}-table .open-row").click()
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    resize(browser, 794, 1100)
    media(browser, kind="print")
    for table in ("results", "findings"):
        cells = browser.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(e => "
            "[e.offsetWidth, e.scrollWidth, e.innerText]).filter(c => c[0])",
            f"#{table}-table tr.row:first-child td")
        assert len(cells) >= 5
        assert [cell for cell in cells if cell[0] < 40 or cell[1] > cell[0] + 1] == []
        assert sum(width for width, *_ in cells) > 0.95 * one(browser, "main").size["width"]
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 794


def test_paper_shows_the_plots_of_results_beside_each_other(browser, opened):
    opened("pair")
    resize(browser, 794, 1100)
    media(browser, kind="print")
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    shown = browser.execute_script("""
        return [...document.querySelectorAll("#peer-groups summary > .plot")]
          .map(plot => plot.getBoundingClientRect().width)""")
    assert shown and min(shown) > 100


def test_prints_all_rows_and_no_controls(browser, opened):
    opened("many")
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert rows(browser, "findings") == 10 * PAGE
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    media(browser, kind="print")
    assert not one(browser, "#filters").is_displayed()
    assert one(browser, "#results-table tr.row").is_displayed()
    media(browser)
    opened("broken")
    import base64

    assert base64.b64decode(browser.print_page()).startswith(b"%PDF")


@pytest.mark.real
def test_whole_published_tree_is_light_and_opens(browser, tmp_path):
    report = judged("v5.1")
    page = renderer.render(report)
    assert len(page.encode()) < 6_000_000
    complaints(browser)
    go(browser, write(tmp_path, page))
    assert rows(browser) == min(len(report.results), PAGE)
    browser.execute_script("document.getElementById('peers').scrollIntoView()")
    until(lambda: len(browser.find_elements(CSS, "#peer-groups summary")) > 10)
    one(browser, "#peer-groups summary").click()
    until(lambda: browser.find_elements(CSS, "#peer-groups td.strip svg"))
    assert complaints(browser) == []
