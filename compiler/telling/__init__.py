"""What was found out about a policy, in words, as Markdown and as data: for the command line and for editors."""
