"""PostgreSQL: transactions and pipelines, who may do what to each table, and a server for laptops and tests."""
