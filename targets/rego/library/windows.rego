# METADATA
# description: Recurring stretches of local time.
package agpc.windows

# METADATA
# description: |
#   Whether an instant is inside a window, which starts on certain days and ends on the next day
#   if its end is not after its start.
# scope: document
is_open(window, now) if {
	_minute(window.from) < _minute(window.until)
	time.weekday([now, window.zone]) in window.days
	_minute(window.from) <= _minute(time.clock([now, window.zone]))
	_minute(time.clock([now, window.zone])) < _minute(window.until)
}

is_open(window, now) if {
	_minute(window.from) >= _minute(window.until)
	time.weekday([now, window.zone]) in window.days
	_minute(window.from) <= _minute(time.clock([now, window.zone]))
}

is_open(window, now) if {
	_minute(window.from) >= _minute(window.until)
	_day_before[time.weekday([now, window.zone])] in window.days
	_minute(time.clock([now, window.zone])) < _minute(window.until)
}

# METADATA
# description: Whether an instant is outside a window.
is_closed(window, now) if not is_open(window, now)

# The minute of the day, of `[hour, minute]` with or without seconds.
_minute(clock) := (clock[0] * 60) + clock[1]

_day_before := {
	"Monday": "Sunday",
	"Tuesday": "Monday",
	"Wednesday": "Tuesday",
	"Thursday": "Wednesday",
	"Friday": "Thursday",
	"Saturday": "Friday",
	"Sunday": "Saturday",
}
