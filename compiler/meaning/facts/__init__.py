"""Facts about a call, as they follow from the record of what happened: the reference, which is never made faster.

`facts` takes a policy, a record and a request to the request with its facts. It looks at every line for every
fact, and reads like section *Facts* of the language reference.
"""

from .known import facts as facts
