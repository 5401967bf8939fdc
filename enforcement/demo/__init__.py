"""The demo world (示例): a living installation with invented people, made by the acts themselves.

Every identity number, credit code and card number in it passes its checksum and carries a division code or
prefix that was never assigned, so it belongs to nobody.
"""
