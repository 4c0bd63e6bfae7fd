"""What each request asks of the card and answers, a file a family, all in one table."""
