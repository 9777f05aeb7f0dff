"""What there is to say about a thing of a policy: blocks of words and listings, which `markup` renders."""
