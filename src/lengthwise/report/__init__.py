"""The report of a study: its tables, its figures and its page, which answer the question."""

from lengthwise.report.files import write_results as write_results
