"""What befell the person at the trust: referrals, appointments and stays, and what rides along with them."""
