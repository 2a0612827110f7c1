"""The ladder of one film, chosen by measured quality on samples of it."""
