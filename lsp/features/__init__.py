"""What can be asked about a policy set: plain functions of a snapshot, which know the types of the protocol alone."""
