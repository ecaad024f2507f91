import io

from rich.console import Console

from resemblance.benchmarks.reporting import Verdict, markdown_verdicts, print_verdicts

JUDGED = [Verdict("half the time: 0.4", True), Verdict("half the memory: 0.6", False), Verdict("on a GPU", None)]


def printed(judged):
    console = Console(file=io.StringIO(), width=100)
    print_verdicts(console, judged)
    return console.file.getvalue()


def test_requirements_are_told_one_a_line():
    assert printed(JUDGED).splitlines() == [
        "",
        "requirements",
        "met          half the time: 0.4",
        "MISSED       half the memory: 0.6",
        "not measured on a GPU",
    ]
    assert markdown_verdicts(JUDGED)[2:] == [
        "- **met**: half the time: 0.4",
        "- **MISSED**: half the memory: 0.6",
        "- **not measured**: on a GPU",
    ]


def test_without_requirements_there_is_no_heading():
    assert printed([]) == ""
    assert markdown_verdicts([]) == []
