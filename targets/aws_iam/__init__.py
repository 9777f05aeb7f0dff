"""The AWS IAM target: identity policies, session policies, and a ledger of what IAM cannot say.

Begin with `target.py`.
"""

from .target import AwsIam

TARGET = AwsIam()
