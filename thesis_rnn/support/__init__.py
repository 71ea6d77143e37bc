"""Helpers that know nothing of networks: files, tables of names, text with arguments, checks, memory."""
