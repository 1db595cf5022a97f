"""The multidisciplinary team: from a referral to what became of it."""
