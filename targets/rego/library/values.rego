# METADATA
# description: |
#   How values of a request are read. Each function is undefined for what is not of its kind, and
#   so is everything that depends on it: an attribute that is missing, null or malformed makes a
#   condition neither true nor false.
package agpc.values

# METADATA
# description: |
#   Text. OPA puts U+FFFD in the place of an unpaired surrogate, and then two different broken
#   strings look equal.
text(value) := value if {
	is_string(value)
	not contains(value, "�")
}

# METADATA
# description: The name of a field that is called so.
underscore := "_"

# METADATA
# description: true or false, and nothing like it.
boolean(value) := value if is_boolean(value)

# METADATA
# description: |
#   A finite IEEE 754 double. An integer that no double equals was not carried as one, and is none.
# scope: document
number(value) := whole_value if {
	value > -1000000000000000
	value < 1000000000000000
	whole_value := floor(value) # which has one spelling, as sets of older OPA need
	whole_value == value
} else := value if {
	is_number(value)
	digits := sprintf("%v", [value])
	regex.match(_short_decimal, digits)
	to_number(digits) == value # and not one that only rounds to it
} else := double if {
	is_number(value)
	not value in _inexact_integers
	double := _double(value, sprintf("%v", [value]))
}

# METADATA
# description: A whole number within ±(2^53−1), however it is written.
# scope: document
whole(value) := whole_value if {
	value > -1000000000000000
	value < 1000000000000000
	whole_value := floor(value)
	whole_value == value
} else := double if {
	double := number(value)
	double >= -9007199254740991
	double <= 9007199254740991
	floor(double) == double
}

# METADATA
# description: An RFC 3339 instant, in nanoseconds since 1970; they have to fit 64 bits.
instant(value) := time.parse_rfc3339_ns(offset_for_z) if {
	is_string(value)
	regex.match(_rfc3339, value)
	offset_for_z := replace(value, "Z", "+00:00")
}

# METADATA
# description: How long ago an instant was, in nanoseconds; undefined while it has not come.
age(moment) := now - moment if {
	now := instant(input.context.time)
	moment <= now
}

# METADATA
# description: A date of the Gregorian calendar as its day, of which 0001-01-01 is the first.
date(value) := (((365 * before) + _leap_days(before)) + sum(months)) + day if {
	is_string(value)
	[[_, years, month_digits, days]] := regex.find_all_string_submatch_n(_date, value, -1)
	before := _digits(years) - 1
	before >= 0
	all_months := _months(before + 1)
	month := _digits(month_digits)
	day := _digits(days)
	day >= 1
	day <= all_months[month - 1]
	months := array.slice(all_months, 0, month - 1)
}

# METADATA
# description: A duration such as `1h30m`, in nanoseconds; at most 36,500 days.
duration(value) := nanoseconds if {
	is_string(value)
	value != ""
	[[_, days, hours, minutes, seconds]] := regex.find_all_string_submatch_n(
		`^(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,12})s)?$`,
		value, -1,
	)
	whole_minutes := (((_digits(days) * 24) + _digits(hours)) * 60) + _digits(minutes)
	nanoseconds := ((whole_minutes * 60) + _digits(seconds)) * 1000000000
	nanoseconds <= 3153600000000000000
}

# METADATA
# scope: document
# description: |
#   An IP address as text of which a range is what starts alike: `v4 ` and 32 bits, or `v6 ` and 128.
#   IPv4 mapped into IPv6 is the IPv4 address.
address(value) := _bits("v4 ", sprintf("%02x%02x%02x%02x", octets)) if {
	is_string(value)
	regex.match(`^(?:(?:25[0-5]|(?:2[0-4]|1[0-9]|[1-9])?[0-9])\.){3}(?:25[0-5]|(?:2[0-4]|1[0-9]|[1-9])?[0-9])$`, value)
	octets := [to_number(octet) | some octet in split(value, ".")]
} else := _unmapped(concat("", padded)) if {
	is_string(value)
	count(value) <= 45
	groups := _groups(value)
	padded := [substring(concat("", ["000", group]), count(group) - 1, 4) | some group in groups]
}

# METADATA
# description: |
#   Whether an address is in one of the ranges, by how the addresses of each start. It is not
#   `net.cidr_contains`, which not every engine has, and which reads addresses that are none here.
within(start, ranges) := strings.any_prefix_match(start, object.keys(ranges))

# METADATA
# description: The rank of a member of a level, or the member of an enum, by its name.
member(name, members) := members[name]

# METADATA
# description: Whether an absolute path without odd segments is a folder (`/p/`) or inside it.
under(value, folder) if {
	_is_path(value)
	startswith(concat("", [value, "/"]), folder)
}

# METADATA
# description: Whether an absolute path without odd segments is known to be elsewhere.
not_under(value, folder) if {
	_is_path(value)
	not startswith(concat("", [value, "/"]), folder)
}

# METADATA
# description: Whether a relative path without odd segments is a folder (`p/`) or inside it.
under_relative(value, folder) if {
	_is_relative(value)
	startswith(concat("", [value, "/"]), folder)
}

# METADATA
# description: Whether a relative path without odd segments is known to be elsewhere.
not_under_relative(value, folder) if {
	_is_relative(value)
	not startswith(concat("", [value, "/"]), folder)
}

# METADATA
# description: Whether a path is another that the request says, or inside it.
under_path(value, outer) if startswith(concat("", [value, "/"]), _folder(value, outer))

# METADATA
# description: Whether a path is known to be outside of another that the request says.
not_under_path(value, outer) if {
	folder := _folder(value, outer)
	not startswith(concat("", [value, "/"]), folder)
}

# METADATA
# description: Whether a value is known to be none of a set; undefined where either is.
not_in(value, members) if not value in members

# METADATA
# description: Whether an object lacks a key, or has null there.
lacks(holder, key) if {
	is_object(holder)
	object.get(holder, key, null) == null
}

# METADATA
# description: How many elements a list has, which is known to be one.
size(_, list) := count(list) # regal ignore:argument-always-wildcard

# METADATA
# description: The names of the arguments of a call, of which there may be none.
# scope: document
names_of_arguments := [] if object.get(input.action, "properties", null) == null

names_of_arguments := [name | some name in object.keys(input.action.properties)] if {
	is_object(input.action.properties)
}

# METADATA
# description: The elements of a list; null for what is none, so that it is read as broken.
# scope: document
elements(value) := value if {
	is_array(value)
} else := [null]

# METADATA
# description: What an object has in a field; null for what is not there, or is no object.
# scope: document
field(value, name) := [object.get(value, name, null)] if {
	is_object(value)
} else := [null]

# METADATA
# description: What an object has in a field that may be absent, and nothing then; null for what is no object.
# scope: document
field_if_there(value, name) := [] if {
	lacks(value, name)
} else := field(value, name)

# --- Numbers

# A decimal so short is nearer to its own double than any other decimal so short, so it may stand for it.
_short_decimal := `^-?[0-9]{1,9}\.[0-9]{1,6}$`

# An engine that computes in IEEE doubles, as rego-cpp does, has rounded a number on reading it. OPA keeps the
# decimal digits, so that 0.1 and 0.1000000000000000055 differ, which no policy means.
_keeps_digits if to_number("0.1") != to_number("0.1000000000000000055")

# Found in the whole request at once, and not number by number: to OPA 9007199254740993 and
# 9007199254740993.0 are one argument of a function, whose value it remembers, and one element of a
# set. A request that has both has neither.
_inexact_integers contains integer if {
	walk(input, [_, integer])
	is_number(integer)
	digits := sprintf("%v", [integer])
	regex.match(`^-?[0-9]{16,}$`, digits)
	not _is_double(digits)
}

_is_double(digits) if {
	regex.match(`^-?[0-9]{1,309}$`, digits)
	sprintf("%.0f", [to_number(concat("", [digits, ".0"]))]) == digits
}

_double(_, text) := _nearest(to_number(concat("", [text, ".0"]))) if regex.match(`^-?[0-9]{16,}$`, text)

_double(value, text) := _nearest(value) if not regex.match(`^-?[0-9]{16,}$`, text)

_nearest(value) := double if {
	_keeps_digits

	# Of what rounds to no double the digits stay.
	double := to_number(sprintf("%v", [value]))
	double >= -1.7976931348623157e308
	double <= 1.7976931348623157e308
}

_nearest(value) := value if not _keeps_digits

# --- Times and durations

# Strict, since OPA alone would take a lower-case `z`, an offset of 24 hours and more.
_rfc3339 := concat("", [
	`^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?`,
	`(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$`,
])

_date := `^([0-9]{4})-([0-9]{2})-([0-9]{2})$`

_leap_days(years) := (floor(years / 4) - floor(years / 100)) + floor(years / 400)

_months(year) := [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] if {
	february := 28 + (_leap_days(year) - _leap_days(year - 1))
}

_digits(text) := 0 if trim_left(text, "0") == ""

_digits(text) := to_number(trim_left(text, "0")) if trim_left(text, "0") != ""

# --- Addresses

_groups(value) := groups if {
	[left, right] := split(_hexadecimal(value), "::")
	front := _hextets(left)
	back := _hextets(right)
	gap := 8 - (count(front) + count(back))
	gap >= 1
	zeros := ["0" | some _ in numbers.range(1, gap)]
	groups := [group | some part in [front, zeros, back]; some group in part]
}

_groups(value) := groups if {
	[whole_text] := split(_hexadecimal(value), "::")
	groups := _hextets(whole_text)
	count(groups) == 8
}

_hexadecimal(value) := lower(value) if not contains(value, ".")

_hexadecimal(value) := concat("", [lower(trim_suffix(value, dotted)), groups]) if {
	parts := split(value, ":")
	dotted := parts[count(parts) - 1]
	octets := [to_number(octet) | some octet in split(dotted, "."); regex.match(_octet, octet)]
	count(octets) == 4
	count(split(dotted, ".")) == 4
	groups := sprintf("%02x%02x:%02x%02x", octets)
}

_octet := `^(?:25[0-5]|(?:2[0-4]|1[0-9]|[1-9])?[0-9])$`

_hextets("") := []

_hextets(text) := groups if {
	groups := split(text, ":")
	every group in groups { regex.match(`^[0-9a-f]{1,4}$`, group) }
}

_unmapped(digits) := _bits("v6 ", digits) if not startswith(digits, _mapped)

_unmapped(digits) := _bits("v4 ", substring(digits, 24, 8)) if startswith(digits, _mapped)

_mapped := "00000000000000000000ffff"

_bits(family, digits) := concat("", [family, strings.replace_n(_bits_of, digits)])

_bits_of := {
	"0": "0000", "1": "0001", "2": "0010", "3": "0011",
	"4": "0100", "5": "0101", "6": "0110", "7": "0111",
	"8": "1000", "9": "1001", "a": "1010", "b": "1011",
	"c": "1100", "d": "1101", "e": "1110", "f": "1111",
}

# --- Paths

# Segments that are not empty, not `.` and not `..`.
# A path as what others are inside of: two of one kind, without odd segments.
_folder(value, outer) := "/" if {
	outer == "/"
	_is_path(value)
} else := concat("", [outer, "/"]) if {
	_is_path(outer)
	_is_path(value)
} else := concat("", [outer, "/"]) if {
	_is_relative(outer)
	_is_relative(value)
}

_is_relative(value) if _is_path(concat("", ["/", value]))

_is_path(value) if regex.match(`^(?:/(?:[^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+))+$`, value)
