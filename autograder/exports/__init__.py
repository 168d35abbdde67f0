"""Reports in the forms that others read: HTML and plain text."""
