"""Reports in the forms that others read: HTML, plain text, tables."""
