"""The examples are run by tests in folders of their own, as their readers would; they are no tests of this project."""

collect_ignore = ["python"]
