"""How deprived the area of a postcode is, by what the government and the ONS publish."""
