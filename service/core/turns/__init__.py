"""How what is asked is done: in turns of one thread, each thing once, with its events in the trail."""
