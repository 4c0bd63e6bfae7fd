"""`badge demo`: a crew of five for a day, or one badge for a shift, and the check afterwards."""
