"""What follows here from acts of lower rooms."""
