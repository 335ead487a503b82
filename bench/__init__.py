"""Measures the site against a bare Flask page, as ratios that hold on any machine."""
