"""What a policy may come to on AWS that its rules do not show."""
