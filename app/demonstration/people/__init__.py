"""Who lives in the demonstration place, and what befalls each: drawn by chance, but for two stories."""
