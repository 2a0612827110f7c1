"""The vocabulary of the house: immutable values that every room speaks. Imports only errors."""
