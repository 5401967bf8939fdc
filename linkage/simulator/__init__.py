"""Agencies that answer by themselves (模拟协助单位): for the demo, for trying a line, for fault tests."""
