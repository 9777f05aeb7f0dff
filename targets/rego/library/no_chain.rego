# METADATA
# description: What takes the place of a combiner where no `delegate` is declared, and so no chain either.
package agpc.chain

# METADATA
# description: Whether the agent acts for itself.
# scope: document
is_alone if not _has_chain

is_alone if input.context.delegation == []

_has_chain if input.context.delegation != null

# METADATA
# description: The answers to chains that are declared.
answers := set()
