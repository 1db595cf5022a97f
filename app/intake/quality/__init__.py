"""How well each partner's feeds run, told to it and to whoever watches."""
