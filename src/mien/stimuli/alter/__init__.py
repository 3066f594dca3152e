"""Alterations of one picture: plain functions on arrays."""
