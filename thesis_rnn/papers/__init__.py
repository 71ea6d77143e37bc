"""Reproductions: published numbers beside measured ones; a paper is a row of ``papers.table``."""
