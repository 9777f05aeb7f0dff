# METADATA
# description: Recurring stretches of local time.
package agpc.windows

# METADATA
# description: |
#   Whether an instant is inside a window, which starts on certain days and ends on the next day
#   if its end is not after its start.
# scope: document
is_open(window, now) if {
	window.from < window.until
	time.weekday([now, window.zone]) in window.days
	window.from <= _clock(now, window.zone)
	_clock(now, window.zone) < window.until
}

is_open(window, now) if {
	window.from >= window.until
	time.weekday([now, window.zone]) in window.days
	window.from <= _clock(now, window.zone)
}

is_open(window, now) if {
	window.from >= window.until
	_day_before[time.weekday([now, window.zone])] in window.days
	_clock(now, window.zone) < window.until
}

_clock(now, zone) := [hour, minute] if [hour, minute, _] := time.clock([now, zone])

_day_before := {
	"Monday": "Sunday",
	"Tuesday": "Monday",
	"Wednesday": "Tuesday",
	"Thursday": "Wednesday",
	"Friday": "Thursday",
	"Saturday": "Friday",
	"Sunday": "Saturday",
}
