# METADATA
# description: |
#   Domains, email addresses and URLs: one exact form of each, which every reader takes alike. Whoever
#   checks a host and whoever connects to it are different programs, and an attacker writes what these
#   read differently. So what has a second spelling is none here. Each function is undefined for what
#   is not of its kind.
package agpc.hosts

# METADATA
# description: A DNS name in lower case, of letters, digits and hyphens, without a dot at the end.
domain(value) := value if {
	is_string(value)
	count(value) <= 253
	regex.match(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$`, value)
	not regex.match(`(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$`, value) # which many read as an IPv4 address
}

# METADATA
# description: One address, with its domain in lower case, which makes no difference to it.
email(value) := concat("@", [local, domain(lower(written))]) if [local, written] := _halves(value)

# METADATA
# description: The domain of an email address, in lower case.
email_domain(value) := domain(lower(written)) if [_, written] := _halves(value)

# METADATA
# scope: document
# description: A domain, or an address in its one form.
host(value) := domain(value)

host(value) := value if {
	is_string(value)
	regex.match(`^(?:(?:25[0-5]|(?:2[0-4]|1[0-9]|[1-9])?[0-9])\.){3}(?:25[0-5]|(?:2[0-4]|1[0-9]|[1-9])?[0-9])$`, value)
}

host(value) := value if {
	is_string(value)
	_is_ipv6(value)
}

# METADATA
# description: A URL as the text that stands for all that are equal to it.
url(value) := concat("", [parts.scheme, "://", _bracketed(parts.host), _said_port(parts), parts.path, parts.rest]) if {
	parts := _parts(value)
}

# METADATA
# description: The scheme of a URL.
url_scheme(value) := _parts(value).scheme

# METADATA
# description: The host of a URL, a domain or an address.
url_host(value) := _parts(value).host

# METADATA
# description: The port of a URL, or the one that goes without saying.
url_port(value) := _parts(value).port

# METADATA
# description: The path of a URL, which is `/` at least.
url_path(value) := _parts(value).path

# METADATA
# description: The query of a URL, without its `?`; of none, the empty text.
url_query(value) := trim_prefix(_parts(value).rest, "?")

# METADATA
# description: Whether a host is a domain or below it; an address is not.
below(value, outer) if endswith(concat("", [".", value]), concat("", [".", outer]))

# METADATA
# description: Whether a host is known to be elsewhere.
not_below(value, outer) if not endswith(concat("", [".", value]), concat("", [".", outer]))

# --- Email addresses

_halves(value) := [local, written] if {
	is_string(value)
	count(value) <= 254
	[[_, local, written]] := regex.find_all_string_submatch_n(_email, value, -1)
	count(local) <= 64
}

_email := "^([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@([A-Za-z0-9.-]+)$"

# --- URLs

_url := concat("", [
	`^(https?)://(?:([a-z0-9.-]+)|\[([0-9a-f:]+)\])(?::([1-9][0-9]{0,4}))?`,
	`(?:(/(?:[A-Za-z0-9!$&'()*+,./:;=@_~-]|%[0-9A-Fa-f]{2})*)`,
	`(\?(?:[A-Za-z0-9!$&'()*+,./:;=@_~?-]|%[0-9A-Fa-f]{2})*)?)?$`,
])

_parts(value) := {"scheme": scheme, "host": whose, "port": port, "path": path, "rest": rest} if {
	is_string(value)
	[[_, scheme, name, address, digits, written, rest]] := regex.find_all_string_submatch_n(_url, value, -1)
	not regex.match(`%2[eE]|%00`, value)
	whose := _host(name, address)
	port := _port(scheme, digits)
	path := _path(written)
	not regex.match(`(?:/|%2[fF]|%5[cC])\.\.?(?:/|%2[fF]|%5[cC]|$)`, path)
}

_host(name, "") := host(name) if name != ""

_host("", address) := address if _is_ipv6(address)

_port("http", "") := 80

_port("https", "") := 443

_port(_, digits) := port if {
	digits != ""
	port := to_number(digits)
	port <= 65535
}

_path("") := "/"

_path(written) := written if written != ""

_bracketed(text) := text if not contains(text, ":")

_bracketed(text) := concat("", ["[", text, "]"]) if contains(text, ":")

_said_port(parts) := "" if parts.port == _port(parts.scheme, "")

_said_port(parts) := sprintf(":%d", [parts.port]) if parts.port != _port(parts.scheme, "")

# --- IPv6 addresses as RFC 5952 has them, all in hexadecimal

_is_ipv6(text) if {
	regex.match(sprintf("^%s(?::%s){7}$", [_group, _group]), text)
	not regex.match(`(?:^|:)0:0(?:$|:)`, text) # which would be shortened
}

_is_ipv6(text) if {
	not regex.match(`^::ffff:[0-9a-f]+:[0-9a-f]+$`, text) # whose one form is that of the IPv4 address
	[left, right] := split(text, "::")
	gap := (8 - _length(left)) - _length(right)
	gap >= 2
	not regex.match(`(?:^|:)0$`, left)
	not regex.match(`^0(?:$|:)`, right)
	not regex.match(sprintf("(?:^|:)0(?::0){%d}(?:$|:)", [gap - 1]), left)
	not regex.match(sprintf("(?:^|:)0(?::0){%d}(?:$|:)", [gap]), right)
}

_length("") := 0

_length(half) := count(split(half, ":")) if regex.match(sprintf("^%s(?::%s)*$", [_group, _group]), half)

_group := `(?:0|[1-9a-f][0-9a-f]{0,3})`
