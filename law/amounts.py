"""Amounts in the capital numerals of instruments (大写金额): 1409.50 is 人民币壹仟肆佰零玖元伍角整.

The way of writing is that of the rules on filling in bills and settlement vouchers (支付结算办法 附一,
正确填写票据和结算凭证的基本规定; quoted from memory, not read here).  A zero between figures is written once;
整 closes an amount that ends with 元 or 角 and never one that ends with 分.
"""

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_LARGEST = Decimal(10) ** 16

VERIFIED = False


def capital_amount(amount: Decimal) -> str:
    """An amount in CNY, two decimal places at most, in capital numerals.

    Raises ``ValueError`` if it is negative, has more than two decimal places or 17 digits and more before
    the point: a writ with a rounded sum orders something else than the judge decided.
    """
    if not amount.is_finite() or amount < 0 or amount >= _LARGEST:
        raise ValueError(f"{amount} can't be written in capital numerals.")
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} has more than two decimal places; nothing is rounded here.")
    yuan, rest = divmod(int(cents), 100)
    jiao, fen = divmod(rest, 10)
    text = "人民币"
    if yuan or not rest:
        text += (_whole(yuan) or _DIGITS[0]) + "元"
    if jiao:
        text += _DIGITS[jiao] + "角"
    if fen:
        # 325.04 reads 叁佰贰拾伍元零肆分: without the zero a 角 could be squeezed in.
        text += (_DIGITS[0] if yuan and not jiao else "") + _DIGITS[fen] + "分"
        return text
    return text + "整"


def _whole(number: int) -> str:
    """A whole number in capital numerals, without its unit; empty for 0."""
    text, owes_zero = "", False
    for power in range(len(_GROUPS) - 1, -1, -1):
        group, number = divmod(number, 10 ** (4 * power))
        if not group:
            owes_zero = bool(text)
            continue
        if text and (owes_zero or group < 1000):
            text += _DIGITS[0]
        owes_zero = False
        # 10^12 and 10^8 share the unit 亿; its 万 is written, the 亿 after the lower group closes both.
        text += _group(group) + ("万" if power == 3 else _GROUPS[power])
        if power == 3 and not number // 10**8:
            text += "亿"
    return text


def _group(number: int) -> str:
    """Up to four digits."""
    text, owes_zero = "", False
    for place in range(3, -1, -1):
        digit, number = divmod(number, 10**place)
        if not digit:
            owes_zero = bool(text)
            continue
        if owes_zero:
            text += _DIGITS[0]
            owes_zero = False
        text += _DIGITS[digit] + _PLACES[place]
    return text
