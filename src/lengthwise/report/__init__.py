"""The report of a study: its tables, its figures and its page, which answer the question.

Importing this package imports neither matplotlib nor a server.
"""
