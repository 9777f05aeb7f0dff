"""What AWS limits and reserves, as of 2026-11-24. Vendors' facts change: they stand here only.

Sources: "IAM and AWS STS quotas", "GetAccountSummary" of the IAM API (what counts of a trust policy), "IAM JSON policy elements: Condition operators", "Single-valued
vs. multivalued context keys", "AWS global condition context keys" and "Pass session tags in AWS
STS" of the IAM user guide, and "Quotas for AWS Organizations".
"""

from __future__ import annotations

from collections.abc import Mapping

AS_OF = "2026-11-24"

MANAGED_POLICY_SIZE = 6_144
"""Characters of one managed policy; white space between tokens does not count."""

MANAGED_POLICIES_PER_ROLE = 10
"""Managed policies that a role may have without asking for more."""

INLINE_POLICIES_SIZE = 10_240
"""Characters of all inline policies of a role together; white space does not count."""

MANAGED_SESSION_POLICIES = 10
"""Managed policies that one call of AssumeRole may name to limit its session."""

SESSION_POLICY_SIZE = 2_048
"""Characters of the session policy of AssumeRole, white space included."""

TRUST_POLICY_SIZE = 2_048
"""Characters of a role's trust policy, as it is before anybody asks for more; white space does not
count."""

CONTROL_POLICY_SIZE = 10_240
"""Characters of a service control policy, white space included where no console saves it.

It was 5,120 before May 2026.
"""

CONTROL_POLICIES_PER_ACCOUNT = 5
"""Service control policies that one account may have attached to itself, `FullAWSAccess` included."""

SHORTEST_SESSION = 900
"""Seconds that an STS session lasts at least."""

TAG_KEY_SIZE = 128
TAG_VALUE_SIZE = 256

FIRST_CHARACTER, LAST_CHARACTER = "\u0020", "\u00ff"
"""The range of the characters that a policy document may hold."""

PUBLIC_ADDRESS = "aws:SourceIp"
"""The key with the address that a call reaches AWS from; through a VPC endpoint it is not there."""
VPC_ADDRESS = "aws:VpcSourceIp"
"""The key with the address in the VPC, of a call through an endpoint of it."""
PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""Addresses that no call reaches AWS from but through a VPC endpoint."""

CURRENT_TIME = "aws:CurrentTime"
PRINCIPAL_TAG = "aws:PrincipalTag/"
REQUEST_TAG = "aws:RequestTag/"
TRANSITIVE_KEYS = "sts:TransitiveTagKeys"

GLOBAL_KEYS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "aws:calledvia",
            "aws:calledviafirst",
            "aws:calledvialast",
            "aws:ec2instancesourcevpc",
            "aws:federatedprovider",
            "aws:principalaccount",
            "aws:principalorgid",
            "aws:principalorgpaths",
            "aws:principalservicename",
            "aws:principalservicenameslist",
            "aws:principaltag",
            "aws:principaltype",
            "aws:referer",
            "aws:requestedregion",
            "aws:resourceaccount",
            "aws:resourceorgid",
            "aws:resourceorgpaths",
            "aws:sourceaccount",
            "aws:sourceidentity",
            "aws:sourceorgid",
            "aws:sourceorgpaths",
            "aws:sourceowner",
            "aws:sourcevpc",
            "aws:sourcevpce",
            "aws:useragent",
            "aws:userid",
            "aws:username",
            "aws:vpceaccount",
            "aws:vpceorgid",
            "aws:vpceorgpaths",
        ),
        ("String",),
    ),
    **dict.fromkeys(
        ("aws:chatbotsourcearn", "aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn"),
        ("ARN",),
    ),
    **dict.fromkeys(
        (
            "aws:ismcpserviceaction",
            "aws:multifactorauthpresent",
            "aws:principalisawsservice",
            "aws:securetransport",
            "aws:viaawsmcpservice",
            "aws:viaawsservice",
        ),
        ("Bool",),
    ),
    **dict.fromkeys(
        ("aws:ec2instancesourceprivateipv4", "aws:sourceip", "aws:vpcsourceip"), ("IPAddress",)
    ),
    **dict.fromkeys(("aws:currenttime", "aws:tokenissuetime"), ("Date",)),
    "aws:assumedroot": ("Bool", "String"),
    "aws:epochtime": ("Date", "Numeric"),
    "aws:multifactorauthage": ("Numeric",),
}
"""Keys, in lower case and without the name of a tag, that do not depend on the action, with the
types that AWS compares them as."""

MULTIVALUED_KEYS = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "dynamodb:attributes",
        "dynamodb:leadingkeys",
        "ec2:resourcetagkeys",
        "secretsmanager:addreplicaregions",
        "sns:topicpolicies",
    }
)
"""Keys, in lower case, that carry several values: a plain operator over one would be met by any."""


def can_hold(text: str) -> bool:
    """Whether a policy document may hold every character of a text."""
    return all(FIRST_CHARACTER <= each <= LAST_CHARACTER for each in text)


def can_tag(text: str) -> bool:
    """Whether a session tag may have a text as its value, and a policy may ask for it."""
    return 0 < len(text) <= TAG_VALUE_SIZE and can_hold(text)
