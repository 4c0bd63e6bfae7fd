"""What the binding of the badge in C is made of: the library, its store, and values both ways."""
