"""What people hand in: tables and figures made of stored results, with printed rows beside them."""
