"""The calculators: facts in JSON shape in, results in JSON shape out, by the functions of ``law.money``."""
