"""How orders reach agencies (送达渠道)."""
