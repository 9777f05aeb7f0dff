"""From files to all that is to be said of a policy, in the order in which it is said."""
